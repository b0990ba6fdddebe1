import { row } from '../engine/pushRun.mts';

/** Two devices for each customer, the second ones at the end. */
export function killRows(customers: number) {
	return [0, 1].flatMap((device) =>
		Array.from({ length: customers }, (_, index) => row(`c${index}`, `P${index}/D${device}`)),
	);
}
