// The text that a scraper reads, to the letter, and what may not become a metric.

import test from 'ava';

import { OnceproofError } from '../../core/errors.ts';
import { MetricRegistry } from './metric-registry.ts';

test('the text has help, type and values, sorted by name and labels', (t) => {
  const registry = new MetricRegistry();
  const gauge = { name: 'b_gauge', help: 'Two\nlines \\ here' };
  registry.gauge({ ...gauge, labels: { vertex: 'say "hi"\n', job: 'j' } }).set(1.5);
  registry.gauge({ ...gauge, labels: { job: 'a' } }).set(Number.POSITIVE_INFINITY);
  registry.counter({ name: 'a_total', help: 'First' }).increment(2);
  t.is(
    registry.toPrometheus(),
    [
      '# HELP a_total First',
      '# TYPE a_total counter',
      'a_total 2',
      '# HELP b_gauge Two\\nlines \\\\ here',
      '# TYPE b_gauge gauge',
      'b_gauge{job="a"} +Inf',
      'b_gauge{job="j",vertex="say \\"hi\\"\\n"} 1.5',
      '',
    ].join('\n'),
  );
});

test('the same name and labels are the same counter, in whatever order the labels come', (t) => {
  const registry = new MetricRegistry();
  registry.counter({ name: 'n', help: '', labels: { a: '1', b: '2' } }).increment();
  registry.counter({ name: 'n', help: '', labels: { b: '2', a: '1' } }).increment();
  t.is(registry.counter({ name: 'n', help: '', labels: { a: '1', b: '2' } }).value, 2);
});

test('collectors run before every reading', (t) => {
  const registry = new MetricRegistry();
  let readings = 0;
  registry.onCollect(() => registry.gauge({ name: 'readings', help: '' }).set(++readings));
  registry.toPrometheus();
  t.regex(registry.toPrometheus(), /readings 2\n/);
});

test('wrong names, falling counters and two types for a name are refused', (t) => {
  const registry = new MetricRegistry();
  const counter = registry.counter({ name: 'n_total', help: '' });
  const wrongs = [
    () => registry.counter({ name: 'no spaces', help: '' }),
    () => registry.counter({ name: 'n', help: '', labels: { 'a-b': '' } }),
    () => registry.gauge({ name: 'n_total', help: '' }),
    () => counter.increment(-1),
    () => counter.increment(Number.NaN),
  ];
  for (const wrong of wrongs) {
    const error = t.throws(wrong, { instanceOf: OnceproofError });
    t.is(error?.code, 'OP-E302');
    t.truthy(error?.remedy);
  }
});
