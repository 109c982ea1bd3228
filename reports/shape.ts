/**
 * The part of JSON Schema the event log needs, as data, and a check against it.
 * One description serves both the reader and the published schema file, so they cannot differ.
 * It knows no references, no formats and no negation, and it lets unknown keys through.
 */

export interface Shape {
  readonly type?: string | readonly string[];
  readonly const?: string | number;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly additionalProperties?: Shape;
}

/** Says what is wrong with `value`, naming the place, or returns null when nothing is. */
export function shapeProblem(value: unknown, shape: Shape, place: string): string | null {
  if (shape.const !== undefined && value !== shape.const) {
    return `"${place}" must be ${JSON.stringify(shape.const)}`;
  }
  if (shape.enum !== undefined && !shape.enum.some((allowed) => allowed === value)) {
    return `"${place}" must be one of ${shape.enum.join(', ')}`;
  }
  if (shape.type !== undefined && !hasType(value, shape.type)) {
    return `"${place}" must be ${[shape.type].flat().join(' or ')}`;
  }
  if (shape.minimum !== undefined && typeof value === 'number' && value < shape.minimum) {
    return `"${place}" must be at least ${shape.minimum}`;
  }
  if (Array.isArray(value)) return itemProblem(value, shape, place);
  if (isObject(value)) return propertyProblem(value, shape, place);
  return null;
}

/** True for JSON objects: neither null nor an array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasType(value: unknown, type: string | readonly string[]): boolean {
  return [type].flat().some((name) => {
    if (name === 'null') return value === null;
    if (name === 'array') return Array.isArray(value);
    if (name === 'object') return isObject(value);
    if (name === 'integer') return Number.isSafeInteger(value);
    return typeof value === name;
  });
}

function itemProblem(items: readonly unknown[], shape: Shape, place: string): string | null {
  if (shape.items === undefined) return null;
  for (const [index, item] of items.entries()) {
    const problem = shapeProblem(item, shape.items, `${place}[${index}]`);
    if (problem !== null) return problem;
  }
  return null;
}

function propertyProblem(
  value: Readonly<Record<string, unknown>>,
  shape: Shape,
  place: string,
): string | null {
  const missing = (shape.required ?? []).find((key) => !Object.hasOwn(value, key));
  if (missing !== undefined) return `"${join(place, missing)}" is missing`;
  for (const [key, entry] of Object.entries(value)) {
    const inner = Object.hasOwn(shape.properties ?? {}, key)
      ? shape.properties?.[key]
      : shape.additionalProperties;
    const problem = inner === undefined ? null : shapeProblem(entry, inner, join(place, key));
    if (problem !== null) return problem;
  }
  return null;
}

function join(place: string, key: string): string {
  return place === '' ? key : `${place}.${key}`;
}
