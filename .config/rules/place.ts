// Where a file lies in the house, read off its path: which part it belongs to, and on which side of
// the fence. Inside the fence code runs in a simulation; outside it may know Node.

/** The four parts of the house, and the tooling beside it. */
export type Area = 'engine' | 'simulator' | 'scenarios' | 'reports' | 'tooling';

const UNFENCED = [
  'engine/environment/node/',
  // The composition root of the embedded mode.
  'engine/index.ts',
  'engine/bench/',
  'simulator/bench/',
  'scenarios/bench/',
  'scenarios/cli/',
  'scenarios/flights/',
  'scenarios/services/',
  'reports/writers/',
];

/** The conformance suites are tests too, though users get them. */
export function isTestPath(path: string): boolean {
  if (path.startsWith('engine/conformance/')) return true;
  return /\.(test|contract|service)\.ts$/.test(path);
}

/** The same line as .config/tsconfig.fence.json draws. */
export function isFencedPath(path: string): boolean {
  if (areaOf(path) === 'tooling' || isTestPath(path)) return false;
  return !UNFENCED.some((place) => path.startsWith(place));
}

export function areaOf(path: string): Area {
  const top = path.split('/', 1)[0];
  if (top === 'engine' || top === 'simulator' || top === 'scenarios' || top === 'reports')
    return top;
  return 'tooling';
}
