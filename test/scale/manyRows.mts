import { row } from '../engine/pushRun.mts';

/** Rows of `customers` customers, shuffled as an export is: the devices of one stand far apart. */
export function manyRows(rows: number, customers: number) {
	return Array.from({ length: rows }, (_, index) => row(`user_${index % customers}`, `Product/D${index}`));
}
