// Discovery: splits that are found while the job runs already are read once, whatever fails between
// finding, assigning and reading them, and records of files are read once, wherever a piece of a
// file was left.

import type { DataStream } from '../../engine/api/data-stream.ts';
import type { StreamExecutionEnvironment } from '../../engine/api/stream-execution-environment.ts';
import type { Source } from '../../engine/connector/source.ts';
import { defineScenario, type Scenario, type ScenarioDefinition } from '../scenario.ts';
import { countByPage, type PageCount } from '../workloads/count-by-page.ts';
import { gradualDiscovery, slowDiscovery } from '../workloads/discovered-splits.ts';
import { fileInput } from '../workloads/file-input.ts';
import { fixedVisits, type Visit } from '../workloads/visits.ts';
import { CLUSTER_FAULTS } from './variants.ts';

const RECORDS = 120;

const VISITS = fixedVisits(RECORDS);

const base = countByPage({ records: RECORDS });

function counting(
  source: () => Source<Visit>,
): Pick<ScenarioDefinition<Visit, PageCount>, 'job' | 'workload'> {
  const open = (env: StreamExecutionEnvironment): DataStream<Visit> =>
    env.fromSource(source()).uid('discovered');
  return {
    workload: { ...base.workload, generate: (index) => VISITS[index] as Visit },
    job: (context) => base.job({ ...context, source: () => open(context.env) }),
  };
}

const options = { elements: VISITS, splits: 6, recordsPerSecond: 40 };

const slowly: ScenarioDefinition<Visit, PageCount> = {
  ...base,
  ...counting(() => slowDiscovery({ ...options, looks: 1_500 })),
  id: 'discovery/slow',
  claim: 'Splits that are found after the first checkpoints are read once.',
  tags: ['sources', 'discovery'],
  checkpoints: { intervalMs: 100 },
  faults: ['crash', 'kill', 'pause', 'loss'],
};

export const discoveryScenarios: readonly Scenario[] = [
  defineScenario(slowly),
  defineScenario({
    ...slowly,
    ...counting(() => gradualDiscovery({ ...options, looks: 300 })),
    id: 'discovery/gradual',
    claim: 'Splits that are found one after the other are read once, whoever found them.',
  }),
  defineScenario({
    ...slowly,
    ...counting(() =>
      fileInput({
        elements: VISITS,
        files: 3,
        recordsPerSecond: 40,
        splitBytes: 700,
        chunkBytes: 256,
      }),
    ),
    id: 'discovery/files',
    claim: 'Records of files that are read in pieces are read once, wherever a piece was left.',
    faults: CLUSTER_FAULTS,
  }),
];
