// What the runner tells the service tests, each of which runs in a process of its own.

export function variableOf(name: string): string {
  const value = process.env[name];
  if (value !== undefined && value !== '') return value;
  throw new Error(`${name} is not set: service tests are run by \`npm run test:services\``);
}
