// `npm pack` here would pack the sources with the repository's own manifest. The package is made
// from a staging folder instead: docs/decisions/0008.
console.error('The package is made by `npm run pack`: its tarball is in .dist.');
process.exitCode = 1;
