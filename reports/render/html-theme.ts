/**
 * The colors of the report, light and dark. Every pair of text and ground has a contrast of at
 * least 4.5 : 1, which the browser test measures. No state is told by color alone.
 */

const LIGHT = {
  page: '#ffffff',
  card: '#f6f8fa',
  line: '#d1d9e0',
  text: '#1f2328',
  muted: '#59636e',
  held: '#0b5cad',
  violated: '#b8104f',
  inconclusive: '#8a5300',
  fault: '#c2410c',
  barrier: '#6639ba',
  'lane-1': '#0072b2',
  'lane-2': '#b35900',
  'lane-3': '#00775a',
  'lane-4': '#9c4a7c',
  'lane-5': '#3d6f8e',
  'lane-6': '#7a6a00',
} as const;

const DARK: Readonly<Record<keyof typeof LIGHT, string>> = {
  page: '#0d1117',
  card: '#151b23',
  line: '#2f3742',
  text: '#e6edf3',
  muted: '#9aa4af',
  held: '#79b8ff',
  violated: '#ff7eb6',
  inconclusive: '#f2b134',
  fault: '#ff9e64',
  barrier: '#c4a7ff',
  'lane-1': '#56b4e9',
  'lane-2': '#e69f00',
  'lane-3': '#2bc48a',
  'lane-4': '#e08fbf',
  'lane-5': '#9ecae1',
  'lane-6': '#f0e442',
};

/** By system preference, and by the switch, which wins. Paper is always light. */
export function themeStyle(): string {
  const light = `color-scheme:light;${declarations(LIGHT)}`;
  const dark = `color-scheme:dark;${declarations(DARK)}`;
  return [
    `:root{${light}}`,
    `@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){${dark}}}`,
    `@media screen{:root[data-theme=dark]{${dark}}}`,
  ].join('\n');
}

function declarations(colors: Readonly<Record<string, string>>): string {
  return Object.entries(colors)
    .map(([name, color]) => `--${name}:${color};`)
    .join('');
}
