/** What some members of an object have to be; enough to tell a file of ours from anything else that parses. */
export type Shape<T> = Readonly<Partial<Record<keyof T, 'string' | 'number' | 'boolean'>>>;

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether every member named in the shape has its type; a number has to be finite. */
export function hasShape<T>(value: unknown, shape: Shape<T>): value is Readonly<Record<string, unknown>> {
  if (!isRecord(value)) return false;
  return Object.entries(shape).every(([name, type]) => typeof value[name] === type && (type !== 'number' || Number.isFinite(value[name])));
}

export function isListOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}
