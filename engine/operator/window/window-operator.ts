// Event-time windows over keyed records, by Flink's rules: a window fires when the watermark
// passes its last moment, and again for every late record it still accepts; its state goes once
// the watermark passes that moment plus the allowed lateness. Later records are dropped, or go
// to a side output.

import { assert, present } from '../../core/assert.ts';
import { OnceproofError } from '../../core/errors.ts';
import { sometimes } from '../../core/sometimes.ts';
import type { InternalTimer, KeyedStateBackend } from '../../state/state-backend.ts';
import { MAX_WATERMARK, NO_TIMESTAMP } from '../../stream/elements.ts';
import type { KeySelector } from '../functions.ts';
import { InternalTimerService } from '../internal-timer-service.ts';
import { prepareKeys } from '../prepare-keys.ts';
import type { Output, StreamOperator, TaskContext } from '../stream-operator.ts';
import { TimestampedCollector } from '../timestamped-collector.ts';
import { UNOPENED_OUTPUT } from '../unopened-output.ts';
import { callUserCode, userCodeError } from '../user-code.ts';
import { type Merge, MergingWindowSet } from './merging-window-set.ts';
import { openSessions, type SessionState } from './session-state.ts';
import {
  maxTimestampOf,
  namespaceOf,
  type TimeWindow,
  type WindowNamespace,
  windowOf,
} from './time-window.ts';
import type { WindowAssigner } from './window-assigner.ts';
import {
  openWindowContents,
  type WindowContents,
  type WindowContentsKind,
} from './window-contents.ts';
import type { ProcessWindowFunction } from './window-function.ts';
import { windowNamespaceSerializer } from './window-namespace.ts';

export interface WindowOperatorOptions {
  readonly keySelector: KeySelector<unknown, unknown>;
  readonly assigner: WindowAssigner;
  readonly allowedLatenessMs: number;
  /** Tag of the side output for records that are too late. */
  readonly lateTag: string | undefined;
  readonly contents: WindowContentsKind;
  /** Undefined: the elements themselves are emitted. */
  readonly process: ProcessWindowFunction<unknown, unknown, unknown> | undefined;
}

interface Opened {
  readonly backend: KeyedStateBackend;
  readonly timers: InternalTimerService<WindowNamespace>;
  readonly contents: WindowContents;
  /** Of merging assigners. */
  readonly sessions: SessionState | undefined;
}

/** Of the windows that are being filled; when there are more, they are made up anew. */
const NAMESPACES_REMEMBERED_MAX = 1_024;

export class WindowOperator implements StreamOperator {
  readonly #options: WindowOperatorOptions;
  #opened: Opened | undefined;
  #output: Output<unknown> = UNOPENED_OUTPUT;
  #collector = new TimestampedCollector(UNOPENED_OUTPUT);
  #name = '';
  #lateRecordsDropped = 0;
  readonly #namespaces = new Map<number, WindowNamespace>();

  constructor(options: WindowOperatorOptions) {
    this.#options = options;
  }

  /** Flink's numLateRecordsDropped. Records sent to the side output are not counted. */
  get lateRecordsDropped(): number {
    return this.#lateRecordsDropped;
  }

  open(task: TaskContext, output: Output<unknown>): void {
    this.#name = task.operatorName;
    this.#output = output;
    this.#collector = new TimestampedCollector(output);
    const backend = present(task.keyed, `Cannot open "${this.#name}": not declared as keyed`);
    const timers = new InternalTimerService<WindowNamespace>({
      name: 'window-timers',
      namespace: windowNamespaceSerializer,
      backend,
      processingTime: task.processingTime,
      whenPrepared: (pending, run) => task.whenPrepared(pending, run),
      handler: {
        onEventTime: (timer) => this.#onEventTime(timer),
        onProcessingTime: () => assert(false, 'Cannot fire: windows use event time only'),
      },
    });
    const contents = openWindowContents(this.#options.contents, backend, this.#name);
    const sessions = this.#options.assigner.isMerging ? openSessions(backend) : undefined;
    this.#opened = { backend, timers, contents, sessions };
    timers.start();
  }

  /** With a key come all of its windows. */
  prepare(values: readonly unknown[]): Promise<void> | undefined {
    const backend = this.#opened?.backend;
    if (backend?.prepare === undefined) return undefined;
    const { keySelector } = this.#options;
    return prepareKeys({ name: this.#name, backend, keySelector }, values);
  }

  prepareWatermark(timestamp: number): Promise<void> | undefined {
    return this.#opened?.timers.prepareWatermark(timestamp);
  }

  firePrepared(timestamp: number): boolean {
    return this.#opened?.timers.firePrepared(timestamp) ?? true;
  }

  processElement(value: unknown, timestamp: number): void {
    const opened = this.#open();
    if (timestamp === NO_TIMESTAMP) throw this.#noTimestamp();
    try {
      opened.backend.setCurrentKey(this.#options.keySelector(value));
    } catch (error) {
      throw userCodeError(this.#name, error);
    }
    const windows = this.#options.assigner.assignWindows(timestamp);
    const isAccepted =
      opened.sessions === undefined
        ? this.#addToWindows(opened, value, windows)
        : this.#addToSessions(opened, value, opened.sessions, windows);
    if (!isAccepted && this.#isElementLate(timestamp)) this.#onLate(value, timestamp);
  }

  processWatermark(timestamp: number): void {
    this.#opened?.timers.advanceWatermark(timestamp);
    this.#output.emitWatermark(timestamp);
  }

  finish(): void {
    this.#opened?.timers.stop();
  }

  close(): void {
    this.#opened?.timers.stop();
  }

  #addToWindows(opened: Opened, value: unknown, windows: readonly TimeWindow[]): boolean {
    let isAccepted = false;
    for (const window of windows) {
      if (this.#isWindowLate(window)) continue;
      isAccepted = true;
      const namespace = this.#namespaceOf(window);
      // A window that is kept after it has fired has no timer for its end any more, and must fire
      // again: after a recovery watermarks begin anew, so the end may lie ahead once more.
      const mayHaveFired = this.#options.allowedLatenessMs > 0;
      const isFirst = this.#add(opened, value, namespace);
      this.#afterAdd(opened, window, isFirst || mayHaveFired ? namespace : undefined);
    }
    return isAccepted;
  }

  #addToSessions(
    opened: Opened,
    value: unknown,
    sessions: SessionState,
    windows: readonly TimeWindow[],
  ): boolean {
    const set = new MergingWindowSet(sessions);
    let isAccepted = false;
    for (const window of windows) {
      const session = set.addWindow(window, (merge) => this.#onMerge(opened, merge));
      if (this.#isWindowLate(session)) {
        set.retireWindow(session);
        continue;
      }
      isAccepted = true;
      const stateWindow = present(set.stateWindowOf(session), 'Cannot add: session has no state');
      this.#add(opened, value, namespaceOf(stateWindow));
      this.#afterAdd(opened, session, namespaceOf(session));
    }
    set.persist();
    return isAccepted;
  }

  /** Reduce and aggregate functions run in here. True where the window may have been empty. */
  #add(opened: Opened, value: unknown, stateWindow: WindowNamespace): boolean {
    opened.contents.setWindow(stateWindow);
    try {
      return opened.contents.add(value);
    } catch (error) {
      throw userCodeError(this.#name, error);
    }
  }

  /**
   * Flink's EventTimeTrigger.onElement, and the timer that ends the window. `namespace`: undefined
   * where the window's timers are set already.
   */
  #afterAdd(opened: Opened, window: TimeWindow, namespace: WindowNamespace | undefined): void {
    const { timers } = opened;
    const isPast = maxTimestampOf(window) <= timers.currentWatermark();
    if (namespace !== undefined) {
      const cleanup = this.#cleanupTime(window);
      if (!isPast) timers.registerEventTimeTimer(namespace, maxTimestampOf(window));
      const isOther = isPast || cleanup !== maxTimestampOf(window);
      if (isOther && cleanup !== MAX_WATERMARK) timers.registerEventTimeTimer(namespace, cleanup);
    }
    if (!isPast) return;
    sometimes(true, 'a late record fires its window again');
    this.#fire(opened, window);
  }

  /** Windows that do not merge are all of one size, so the start tells which one it is. */
  #namespaceOf(window: TimeWindow): WindowNamespace {
    const known = this.#namespaces.get(window.start);
    if (known !== undefined) return known;
    if (this.#namespaces.size === NAMESPACES_REMEMBERED_MAX) this.#namespaces.clear();
    const namespace = namespaceOf(window);
    this.#namespaces.set(window.start, namespace);
    return namespace;
  }

  #onMerge(opened: Opened, merge: Merge): void {
    const { timers, contents } = opened;
    const { result, merged } = merge;
    sometimes(merged.length > 1, 'a record joins two sessions');
    assert(
      maxTimestampOf(result) + this.#options.allowedLatenessMs > timers.currentWatermark(),
      `Cannot merge into ${result.start}..${result.end}: its end is before the watermark`,
    );
    for (const window of merged) {
      timers.deleteEventTimeTimer(namespaceOf(window), maxTimestampOf(window));
      timers.deleteEventTimeTimer(namespaceOf(window), this.#cleanupTime(window));
    }
    contents.merge(namespaceOf(merge.stateWindow), merge.mergedStateWindows.map(namespaceOf));
  }

  #onEventTime(timer: InternalTimer<WindowNamespace>): void {
    const opened = this.#open();
    const window = windowOf(timer.namespace);
    const set = opened.sessions === undefined ? undefined : new MergingWindowSet(opened.sessions);
    const stateWindow = set === undefined ? window : set.stateWindowOf(window);
    // The timer of a session that has become part of another.
    if (stateWindow === undefined) return;
    opened.contents.setWindow(namespaceOf(stateWindow));
    if (timer.timestamp === maxTimestampOf(window)) this.#fire(opened, window);
    if (timer.timestamp !== this.#cleanupTime(window)) return;
    opened.contents.clear();
    set?.retireWindow(window);
    set?.persist();
  }

  #fire(opened: Opened, window: TimeWindow): void {
    const elements = this.#elements(opened);
    if (elements.length === 0) return;
    const timestamp = maxTimestampOf(window);
    this.#collector.timestamp = timestamp;
    const { process } = this.#options;
    if (process === undefined) {
      for (const element of elements) this.#collector.collect(element);
      return;
    }
    const context = {
      window,
      currentWatermark: opened.timers.currentWatermark(),
      output: (tag: { readonly id: string }, value: unknown) => {
        this.#output.emitSide(tag.id, value, timestamp);
      },
    };
    const key = opened.backend.currentKey;
    callUserCode(this.#name, () => process(key, context, elements, this.#collector));
  }

  /** An aggregate function's getResult() runs in here. */
  #elements(opened: Opened): readonly unknown[] {
    try {
      return opened.contents.elements();
    } catch (error) {
      throw userCodeError(this.#name, error);
    }
  }

  #onLate(value: unknown, timestamp: number): void {
    sometimes(true, 'a record is too late for its windows');
    const { lateTag } = this.#options;
    if (lateTag === undefined) this.#lateRecordsDropped += 1;
    else this.#output.emitSide(lateTag, value, timestamp);
  }

  #isWindowLate(window: TimeWindow): boolean {
    return this.#cleanupTime(window) <= this.#open().timers.currentWatermark();
  }

  #isElementLate(timestamp: number): boolean {
    const { allowedLatenessMs } = this.#options;
    return timestamp + allowedLatenessMs <= this.#open().timers.currentWatermark();
  }

  #cleanupTime(window: TimeWindow): number {
    return Math.min(maxTimestampOf(window) + this.#options.allowedLatenessMs, MAX_WATERMARK);
  }

  #open(): Opened {
    return present(this.#opened, `Cannot use "${this.#name}": not open`);
  }

  #noTimestamp(): OnceproofError {
    return new OnceproofError('OP-E213', 'Cannot assign a window: the record has no timestamp', {
      place: this.#name,
      remedy: 'Call assignTimestampsAndWatermarks() before window()',
    });
  }
}
