/** A random integer, `min` included, `max` not. */
export type Random = (min: number, max: number) => number;
