/**
 * The report in a real browser, opened from a file with the network off: it reads without script,
 * in both color schemes, at 320 px, and the keyboard works.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { renderHtml } from './render/html.ts';
import { LOW_CONTRAST_SCRIPT } from './testing/low-contrast.ts';
import { largeLog, reportOf, sampleReport } from './testing/sample-report.ts';

/** Where distributions put it; another may be named. */
const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const CHROMIUM =
  process.env['ONCEPROOF_CHROMIUM'] ?? CANDIDATES.find((path) => existsSync(path)) ?? '';

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * A machine with Node and npm alone has no browser, and its checks have to be complete all the
 * same: there these tests are left out, and say so. Where CI is set, or a browser was named, they
 * fail.
 */
const isExpected =
  process.env['CI'] !== undefined || process.env['ONCEPROOF_CHROMIUM'] !== undefined;
const isBrowserOff =
  process.env['ONCEPROOF_NO_BROWSER'] === '1' || (!existsSync(CHROMIUM) && !isExpected);

async function launchBrowser(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) {
    throw new Error(
      `Cannot test the report: there is no browser at "${CHROMIUM || CANDIDATES.join(', ')}". ` +
        'Install it with "apt-get install chromium", name another with ONCEPROOF_CHROMIUM, or ' +
        'leave these tests out with ONCEPROOF_NO_BROWSER=1',
    );
  }
  return chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
}

interface Opened {
  readonly page: Page;
  /** Addresses asked for that are not the file itself. */
  readonly requests: readonly string[];
  readonly errors: readonly string[];
}

/** Opens `html` from a file of its own and hands it to `look`. */
async function withPage(
  browser: Browser,
  html: string,
  options: BrowserContextOptions,
  look: (opened: Opened) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'onceproof-page-'));
  const file = join(directory, 'index.html');
  writeFileSync(file, html);
  const context = await browser.newContext(options);
  try {
    await context.setOffline(true);
    const page = await context.newPage();
    const requests: string[] = [];
    const errors: string[] = [];
    const address = pathToFileURL(file).href;
    page.on('request', (request) => {
      if (request.url() !== address && !request.url().startsWith('data:')) {
        requests.push(request.url());
      }
    });
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    await page.goto(address);
    await look({ page, requests, errors });
  } finally {
    await context.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

const violated = renderHtml(sampleReport('violated', 100));
const clean = renderHtml(sampleReport('no-violation'));

let browser: Browser | null = null;

test.before(async () => {
  if (!isBrowserOff) browser = await launchBrowser();
});

test.after.always(async () => {
  await browser?.close();
});

function browserTest(
  name: string,
  look: (t: ExecutionContext, open: OpenPage) => Promise<void>,
): void {
  test.serial(name, async (t) => {
    if (browser === null) {
      t.log('left out: no browser here, or ONCEPROOF_NO_BROWSER=1');
      t.pass();
      return;
    }
    const running = browser;
    await look(t, (html, options, use) => withPage(running, html, options, use));
  });
}

type OpenPage = (
  html: string,
  options: BrowserContextOptions,
  use: (opened: Opened) => Promise<void>,
) => Promise<void>;

for (const colorScheme of ['light', 'dark'] as const) {
  browserTest(
    `${colorScheme}: everything is there, readable, and fetched from nowhere`,
    (t, open) =>
      open(violated, { colorScheme }, async ({ page, requests, errors }) => {
        t.is(await page.locator('h1').innerText(), 'Violated');
        t.is(await page.locator('.matrix td.violated').innerText(), '✗ 2 of 200');
        t.is(await page.locator('.matrix td.never').innerText(), '○ never');
        t.true(await page.locator('.diagram svg').isVisible());
        await page.locator('#F1 summary').last().click();
        t.deepEqual(await page.evaluate<string[]>(LOW_CONTRAST_SCRIPT), []);
        t.deepEqual(requests, []);
        t.deepEqual(errors, []);
      }),
  );
}

browserTest('with scripts off verdict, finding, matrix and events are all there', (t, open) =>
  open(violated, { javaScriptEnabled: false }, async ({ page, requests }) => {
    t.is(await page.locator('h1').innerText(), 'Violated');
    t.regex(await page.locator('#F1 .replay').innerText(), /npx onceproof replay .*7be10/);
    t.true(await page.locator('.diagram svg').isVisible());
    await page.locator('#F1 summary').last().click();
    t.is(await page.locator('#F1 .log tbody tr').count(), 72);
    t.is(await page.locator('.matrix tbody tr').count(), 6);
    t.false(await page.locator('.tools').isVisible());
    t.deepEqual(requests, []);
  }),
);

for (const width of [320, 768, 1280]) {
  browserTest(`at ${width} px the page does not scroll sideways`, (t, open) =>
    open(violated, { viewport: { width, height: 700 } }, async ({ page }) => {
      await page.locator('#F1 summary').last().click();
      t.is(await page.evaluate<number>('document.documentElement.scrollWidth'), width);
    }),
  );
}

browserTest('controls are large enough to hit', (t, open) =>
  open(violated, { viewport: { width: 320, height: 700 } }, async ({ page }) => {
    for (const control of await page.locator('button:visible, nav a, summary').all()) {
      const box = await control.boundingBox();
      t.true((box?.height ?? 0) >= 24, await control.innerText());
    }
  }),
);

browserTest('a clean report says so and what it does not prove', (t, open) =>
  open(clean, {}, async ({ page, errors }) => {
    t.is(await page.locator('h1').innerText(), 'No violation found');
    t.regex(await page.locator('#verdict').innerText(), /95\s% sure .* Rarer ones may remain/);
    t.regex(await page.locator('#findings').innerText(), /None in 360 runs of 9 cases\./);
    t.deepEqual(errors, []);
  }),
);

browserTest('t goes through the themes, ? shows the keys', (t, open) =>
  open(violated, { colorScheme: 'light' }, async ({ page }) => {
    const ground = (): Promise<string> =>
      page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    t.is(await ground(), 'rgb(255, 255, 255)');
    await page.keyboard.press('t');
    await page.keyboard.press('t');
    t.is(await ground(), 'rgb(13, 17, 23)');
    await page.keyboard.press('?');
    t.true(await page.locator('#help').isVisible());
    await page.keyboard.press('Escape');
    t.false(await page.locator('#help').isVisible());
  }),
);

browserTest('j and k go through the findings', (t, open) =>
  open(renderHtml(reportOf(largeLog(2, 5))), {}, async ({ page }) => {
    const focused = (): Promise<string> => page.evaluate<string>('document.activeElement.id');
    for (const [key, id] of [
      ['j', 'F1'],
      ['j', 'F2'],
      ['j', 'F3'],
      ['j', 'F1'],
      ['k', 'F3'],
    ] as const) {
      await page.keyboard.press(key);
      t.is(await focused(), id);
    }
  }),
);

browserTest('/ searches the events of a finding, also those that are not on the page', (t, open) =>
  open(renderHtml(reportOf(largeLog(1, 1_000))), {}, async ({ page }) => {
    await page.keyboard.press('k');
    await page.keyboard.press('/');
    const rows = page.locator('#F2 .log tbody tr');
    t.is(await rows.count(), 200);
    const found = async (query: string): Promise<string> => {
      await page.locator('#F2 .log input').fill(query);
      return page.locator('#F2 .log [role=status]').innerText();
    };
    t.is(await found('on:tm-1 "event 41 "'), '1 of 1000');
    t.is(await found('after:"event 989 " not:tm-4'), '8 of 1000');
    t.is(await found('before:#10'), '10 of 1000');
    t.is(await found('/event 99\\d/'), '10 of 1000');
    t.is(await found('kind:process'), '1000 of 1000, first 200 shown');
    await page.locator('#F2 .log button').click();
    t.is(await rows.count(), 400);
    t.regex(await found('/(/'), /Invalid regular expression/);
    t.is(await found(''), '');
    t.is(await rows.count(), 200);
  }),
);

browserTest('motion is only for those who have not asked for less', (t, open) =>
  open(violated, { reducedMotion: 'reduce' }, async ({ page }) => {
    const behavior = 'getComputedStyle(document.documentElement).scrollBehavior';
    t.is(await page.evaluate<string>(behavior), 'auto');
  }),
);

browserTest('in print the navigation is gone and nothing is cut off', (t, open) =>
  open(violated, {}, async ({ page }) => {
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    t.false(await page.locator('nav').isVisible());
    const ground = 'getComputedStyle(document.body).backgroundColor';
    t.is(await page.evaluate<string>(ground), 'rgb(255, 255, 255)');
    const box = await page.locator('.diagram').boundingBox();
    const drawing = await page.locator('.diagram svg').boundingBox();
    t.true((box?.height ?? 0) >= (drawing?.height ?? 1));
  }),
);
