/** What a pass over rows gives, run to its end without a pause. */
export function withoutPause<Result>(pass: Generator<void, Result>): Result {
	for (;;) {
		const step = pass.next();
		if (step.done === true) {
			return step.value;
		}
	}
}
