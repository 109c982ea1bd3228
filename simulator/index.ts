// The simulator's public API: a deterministic world in which an engine runs unchanged on virtual
// clocks, networks and disks, and in which everything can be broken on purpose, from a seed.

export {
  type ChanceScript,
  type Draw,
  type Draws,
  isAmong,
  scriptedRandom,
  SEEDED,
} from './chance/scripted-random.ts';
export type { DiskPort, HostIo } from './disk-port.ts';
export { type AppliedPlan, applyPlan, type FaultHandlers } from './faults/apply-plan.ts';
export { diskHandler } from './faults/disk-handler.ts';
export { drawPlan, type FaultMix } from './faults/draw-plan.ts';
export {
  type Corruption,
  type CorruptionFault,
  type DiskFault,
  FAULT_KINDS,
  type Fault,
  type FaultKind,
  type Mark,
  type OperationFault,
  type ServiceFault,
  type WorldFault,
} from './faults/fault.ts';
export {
  FAULT_CATALOG,
  type FaultDescription,
  type FaultFamily,
  faultKindsOf,
  NOT_MODELED,
} from './faults/fault-catalog.ts';
export type { FaultCount, FaultCounts } from './faults/fault-counts.ts';
export { hashBytes } from './hash.ts';
export type { OperationMix } from './faults/draft.ts';
export { serviceHandler } from './faults/service-handler.ts';
export { type FaultPlan, parsePlan, printPlan } from './faults/fault-plan.ts';
export { type AmbientGuard, installGuard } from './guard/guard.ts';
export type {
  DiskFaults,
  DiskOperation,
  FaultHandle,
  FaultScope,
  InjectedError,
} from './filesystem/disk-faults.ts';
export {
  type DiskLatencies,
  type DiskSnapshotView,
  type LatencyRange,
  SimulatedDisk,
  type SimulatedDiskOptions,
} from './filesystem/simulated-disk.ts';
export type { CrashMode } from './filesystem/crash-sampling.ts';
export type { CrashOutcome, DurabilityProfile } from './filesystem/volume.ts';
export type { HostOptions, HostState } from './host.ts';
export type { StepKind } from './kernel/event.ts';
export type { Goal } from './kernel/kernel.ts';
export { type Drain, macrotask } from './kernel/macrotask.ts';
export {
  describeOutcome,
  type HostFailure,
  type Outcome,
  type Parked,
} from './kernel/outcome.ts';
export type { StepScope } from './kernel/scope.ts';
export type { Flow } from './flow-rules.ts';
export { clogged, onlyFor, slow } from './link-rules.ts';
export type { LinkStatus, NetworkCounts, SimulatedNetwork } from './network.ts';
export {
  duplicating,
  lossy,
  type Packet,
  type Rule,
  reordering,
  type Verdict,
} from './network-rules.ts';
export { isSeed, type Seed, SeededRandom } from './random.ts';
export type { SimulatedEnvironment } from './services/host-services.ts';
export {
  simulatedKeyValueStores,
  type SimulatedKeyValueStoresOptions,
} from './services/lsm/simulated-key-value-stores.ts';
export {
  addHdfs,
  type HdfsCluster,
  type HdfsClusterOptions,
} from './services/hdfs/hdfs-cluster.ts';
export type { HttpErrorAnswer, HttpService } from './services/http-service.ts';
export { bootDruid } from './services/druid/boot-druid.ts';
export { bootS3 } from './services/s3/boot-s3.ts';
export type { SimulatedS3Options } from './services/s3/simulated-s3.ts';
export type { SimulatedS3Key } from './services/s3/signature-check.ts';
export { type ServeHttpOptions, serveHttp } from './services/serve-http.ts';
export type { SimulatedDruidOptions } from './services/druid/simulated-druid.ts';
export {
  type ServiceEffect,
  type ServiceFaultOptions,
  ServiceFaults,
} from './services/service-faults.ts';
export { type Divergence, firstDivergence, type Recording, type TraceEntry } from './trace.ts';
export { drawPolicy, FIFO, type SchedulePolicy } from './schedule/policy.ts';
export { type ReachedMark, World, type WorldOptions } from './world.ts';
