// Servers that run on a JVM, small: little heap, and only the quick compiler, because they live for
// minutes.

import { join } from 'node:path';
import { ServerProcess } from './server-process.ts';

export interface JavaServer {
  readonly name: string;
  readonly mainClass: string;
  readonly args: readonly string[];
  readonly classPath: readonly string[];
  readonly heapMb: number;
  readonly options?: readonly string[];
  readonly directory: string;
  readonly variables?: Readonly<Record<string, string>>;
}

export function javaArguments(server: JavaServer): string[] {
  return [
    `-Xmx${server.heapMb}m`,
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-XX:-UsePerfData',
    '-Djava.net.preferIPv4Stack=true',
    '-Dfile.encoding=UTF-8',
    '-Duser.timezone=UTC',
    ...(server.options ?? []),
    server.mainClass,
    ...server.args,
  ];
}

/** Through the environment, because a class path of 200 jars makes a process list unreadable. */
export function javaVariables(server: JavaServer): Record<string, string> {
  return { ...server.variables, CLASSPATH: server.classPath.join(':') };
}

export function startJava(server: JavaServer): ServerProcess {
  return new ServerProcess({
    name: server.name,
    program: 'java',
    args: javaArguments(server),
    directory: server.directory,
    variables: javaVariables(server),
    log: join(server.directory, `${server.name}.log`),
  });
}
