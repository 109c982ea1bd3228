// Names of datasources, chunks and artefacts: what two checkpoints must never share.

import test from 'ava';
import fc from 'fast-check';

import { checkpointId, jobId } from '../../core/ids.ts';
import { artefactPath, locationIfAny, locationOf } from './artefact-paths.ts';
import { jobDatasource, placeOfCheckpoint, placeOfDirectory, stagingOf } from './druid-places.ts';

const NAMES = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 });

test('a checkpoint is a chunk of its job, found again by its directory', (t) => {
  fc.assert(
    fc.property(NAMES, fc.integer({ min: 1, max: 4_000_000_000 }), (name, checkpoint) => {
      const place = placeOfCheckpoint('p_', jobId(name), checkpointId(checkpoint));
      t.is(place.chunk, checkpoint);
      t.is(place.datasource, jobDatasource('p_', name));
      t.is(place.staging, stagingOf(place.datasource));
      t.deepEqual(placeOfDirectory('p_', place.directory), place);
      t.regex(place.datasource, /^p_[A-Za-z0-9_-]{1,88}$/);
    }),
  );
});

test('no job and no savepoint has a datasource that is the staging of another', (t) => {
  fc.assert(
    fc.property(NAMES, NAMES, (one, other) => {
      const staging = stagingOf(jobDatasource('p_', one));
      t.not(staging, jobDatasource('p_', other));
      t.not(staging, placeOfDirectory('p_', `/${other}`).datasource);
    }),
  );
});

test('long names and savepoints below two directories stay apart', (t) => {
  const long = 'x'.repeat(170);
  t.not(jobDatasource('p_', `${long}1`), jobDatasource('p_', `${long}2`));
  const datasources = ['/a/savepoint-1', '/b/savepoint-1'].map(
    (directory) => placeOfDirectory('p_', directory).datasource,
  );
  t.is(new Set(datasources).size, 2);
});

test('the path of an artefact says where its rows are, and how many', (t) => {
  for (const directory of ['/job/chk-7', '/savepoints/savepoint-1']) {
    const place = placeOfDirectory('p_', directory);
    const location = { place, artefact: 'v-0-1-0-keyed-1-abc', rows: 17 };
    t.deepEqual(locationOf('p_', artefactPath(location)), location);
  }
  for (const path of ['/job/chk-7/keyed', 'keyed~1', '/keyed~1', '/job/chk-7/keyed~', '']) {
    t.is(locationIfAny('p_', path), undefined, path);
    t.throws(() => locationOf('p_', path), { code: 'OP-E501' });
  }
});
