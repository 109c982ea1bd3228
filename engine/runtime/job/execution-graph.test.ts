// Attempts and their names, and what a deployment says about both ends of a channel.

import test from 'ava';

import { address } from '../../environment/network.ts';
import { twoVertices } from '../testing/graphs.ts';
import { deploymentOf } from './deployment.ts';
import { ExecutionGraph } from './execution-graph.ts';

const HOST = address('tm-1');

test('names of attempts are never used again, under this leader or the next', (t) => {
  const names = [1, 2].flatMap((leaderEpoch) => {
    const graph = new ExecutionGraph(twoVertices());
    return [0, 1, 2].flatMap(() =>
      graph.vertices.map((subtask) => {
        const execution = subtask.startAttempt(HOST, leaderEpoch);
        execution.state = 'failed';
        return execution.attempt;
      }),
    );
  });
  t.is(new Set(names).size, names.length);
});

test('an attempt can only start once the one before has ended', (t) => {
  const [subtask] = new ExecutionGraph(twoVertices()).vertices;
  if (subtask === undefined) return t.fail();
  for (const state of ['deploying', 'initializing', 'running', 'canceling'] as const) {
    subtask.current = undefined;
    subtask.startAttempt(HOST, 1).state = state;
    t.throws(() => subtask.startAttempt(HOST, 1), { message: /Cannot start/ });
  }
  for (const state of ['finished', 'canceled', 'failed'] as const) {
    if (subtask.current !== undefined) subtask.current.state = state;
    t.notThrows(() => subtask.startAttempt(HOST, 1));
  }
});

test('only the current attempt is found', (t) => {
  const graph = new ExecutionGraph(twoVertices());
  const [subtask] = graph.vertices;
  const old = subtask?.startAttempt(HOST, 1);
  if (subtask === undefined || old === undefined) return t.fail();
  t.is(graph.byAttempt(old.attempt), subtask);
  old.state = 'failed';
  const next = subtask.startAttempt(HOST, 1);
  t.is(graph.byAttempt(old.attempt), undefined);
  t.is(graph.byAttempt(next.attempt), subtask);
});

test('both ends of a channel are told of each other', (t) => {
  const graph = new ExecutionGraph(twoVertices({ parallelism: 3 }));
  graph.vertices.forEach((subtask, index) => subtask.startAttempt(address(`tm-${index % 2}`), 4));
  const deployments = graph.vertices.map((subtask) =>
    deploymentOf(graph, subtask, { leaderEpoch: 4, restore: undefined }),
  );
  for (const { attempt, subtask, outputs, leaderEpoch } of deployments) {
    t.is(leaderEpoch, 4);
    for (const { edge, peers } of outputs) {
      for (const peer of peers) {
        const consumer = deployments.find((candidate) => candidate.attempt === peer.attempt);
        const input = consumer?.inputs.find((candidate) => candidate.edge === edge);
        const back = input?.peers.find((candidate) => candidate.subtask === subtask);
        t.is(back?.attempt, attempt);
        t.true(peer.host === graph.byAttempt(peer.attempt)?.current?.host);
      }
    }
  }
});

test('a deployment needs the attempts of its peers', (t) => {
  const graph = new ExecutionGraph(twoVertices());
  const [subtask] = graph.vertices;
  if (subtask === undefined) return t.fail();
  subtask.startAttempt(HOST, 1);
  t.throws(() => deploymentOf(graph, subtask, { leaderEpoch: 1, restore: undefined }), {
    message: /no attempt/,
  });
});
