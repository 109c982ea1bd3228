// A foreign server as the tests need it: started from nothing on loopback, and gone without a trace
// when it is stopped. Its data lives in the given directory and is worth nothing afterwards.

export type ServiceName = 'hdfs' | 'druid' | 's3';

/** What a recipe may use: an empty directory of its own, and a place for what can be kept. */
export interface ServicePlaces {
  /** Data, configuration and logs of this one run. */
  readonly directory: string;
  /** Downloads, kept between runs and shared by them. */
  readonly cache: string;
}

export interface RunningService {
  readonly name: ServiceName;
  /** What a client is given. */
  readonly url: string;
  /** Of the product, as its own package says: `Apache Hadoop HDFS 3.4.2`. */
  readonly version: string;
  /** What the tests find in their environment: the URL, and credentials where there are any. */
  readonly variables: ReadonlyMap<string, string>;
  /** Kills it, with everything that it started. */
  stop(): Promise<void>;
}

export interface ServiceRecipe {
  readonly name: ServiceName;
  /** Programs that must be on the PATH: without them the service is left out. */
  readonly needs: readonly string[];
  /** Names the URL to the tests. Where it is set already, that server is used. */
  readonly variable: string;
  /** Resolves once it answers as it should. Rejects with the end of its logs. */
  start(places: ServicePlaces): Promise<RunningService>;
}
