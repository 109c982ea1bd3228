// The package.json that users get, derived from the repository's, which stays private: what the
// repository needs to develop itself (a Node, compilers, data) must never reach a user.

/** The parts of the repository's package.json that the published one is made of. */
export interface RepositoryManifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly keywords: readonly string[];
  readonly license: string;
  readonly engines: { readonly node: string };
  readonly exports: { readonly [entry: string]: string };
  readonly dependencies: { readonly [name: string]: string };
  readonly peerDependencies?: { readonly [name: string]: string };
  readonly peerDependenciesMeta?: { readonly [name: string]: { readonly optional?: boolean } };
}

export function publishedManifest(repository: RepositoryManifest): object {
  return {
    name: repository.name,
    version: repository.version,
    description: repository.description,
    keywords: repository.keywords,
    license: repository.license,
    type: 'module',
    sideEffects: false,
    engines: repository.engines,
    bin: { onceproof: 'scenarios/cli/onceproof.js' },
    exports: Object.fromEntries(
      Object.entries(repository.exports).map(([entry, source]) => [entry, compiled(source)]),
    ),
    dependencies: repository.dependencies,
    ...(repository.peerDependencies && { peerDependencies: repository.peerDependencies }),
    ...(repository.peerDependenciesMeta && {
      peerDependenciesMeta: repository.peerDependenciesMeta,
    }),
  };
}

function compiled(source: string): string | { readonly types: string; readonly default: string } {
  if (!source.endsWith('.ts')) return source;
  const stem = source.slice(0, -'.ts'.length);
  return { types: `${stem}.d.ts`, default: `${stem}.js` };
}
