// Opens what the process functions of a keyed operator work with: states, timers, context.

import type { InternalTimer, KeyedStateBackend } from '../state/state-backend.ts';
import type { TimerService } from './functions.ts';
import { InternalTimerService } from './internal-timer-service.ts';
import { OperatorProcessContext } from './process-context.ts';
import {
  createKeyedStates,
  createOperatorStates,
  type KeyedStateDeclarations,
  type OperatorStateDeclarations,
} from './state-declarations.ts';
import type { Output, TaskContext } from './stream-operator.ts';
import {
  VOID_NAMESPACE,
  type VoidNamespace,
  voidNamespaceSerializer,
} from '../stream/serializers/void-namespace.ts';

type OnTimer = (
  timer: InternalTimer<VoidNamespace>,
  domain: 'event-time' | 'processing-time',
) => void;

export interface KeyedContextOptions {
  readonly task: TaskContext;
  readonly backend: KeyedStateBackend;
  readonly output: Output<unknown>;
  readonly state: KeyedStateDeclarations;
  readonly operatorState: OperatorStateDeclarations;
  readonly broadcastState?: Readonly<Record<string, unknown>>;
  readonly onTimer: OnTimer;
}

export interface OpenedKeyedContext {
  readonly context: OperatorProcessContext;
  readonly timers: InternalTimerService<VoidNamespace>;
  readonly timerService: TimerService;
}

export function openKeyedContext(options: KeyedContextOptions): OpenedKeyedContext {
  const { task, backend, output, onTimer } = options;
  const timers = new InternalTimerService<VoidNamespace>({
    name: 'user-timers',
    namespace: voidNamespaceSerializer,
    backend,
    processingTime: task.processingTime,
    whenPrepared: (pending, run) => task.whenPrepared(pending, run),
    handler: {
      onEventTime: (timer) => onTimer(timer, 'event-time'),
      onProcessingTime: (timer) => onTimer(timer, 'processing-time'),
    },
  });
  const timerService = userTimerService(timers);
  const context = new OperatorProcessContext({
    task,
    output,
    timerService,
    operatorState: createOperatorStates(options.operatorState, task.operatorState),
    keyed: { state: createKeyedStates(options.state, backend), timerService },
    broadcastState: options.broadcastState ?? {},
  });
  return { context, timers, timerService };
}

function userTimerService(timers: InternalTimerService<VoidNamespace>): TimerService {
  return {
    currentProcessingTime: () => timers.currentProcessingTime(),
    currentWatermark: () => timers.currentWatermark(),
    registerEventTimeTimer: (time) => timers.registerEventTimeTimer(VOID_NAMESPACE, time),
    registerProcessingTimeTimer: (time) => timers.registerProcessingTimeTimer(VOID_NAMESPACE, time),
    deleteEventTimeTimer: (time) => timers.deleteEventTimeTimer(VOID_NAMESPACE, time),
    deleteProcessingTimeTimer: (time) => timers.deleteProcessingTimeTimer(VOID_NAMESPACE, time),
  };
}
