import { row } from '../engine/pushRun.mts';

/** Rows of `customers` customers, mixed as in an export: the devices of one customer are far apart. */
export function manyRows(rows: number, customers: number) {
	return Array.from({ length: rows }, (_, index) => row(`user_${index % customers}`, `Product/D${index}`));
}
