#!/usr/bin/env node
// What `npx onceproof` starts in a clone of the repository: the launcher that users get, unchanged.
import '../../scenarios/cli/onceproof.js';
