/** Runs a pass over rows without a pause and returns its result. */
export function withoutPause<Result>(pass: Generator<void, Result>): Result {
	for (;;) {
		const step = pass.next();
		if (step.done === true) {
			return step.value;
		}
	}
}
