// Prints which Node the npm scripts run on.
console.log(process.version);
