/** What a run wants to do with the lock row: see the head of `lock.ts`. */
type ChangeIntent = 'claim' | 'keep' | 'release' | 'report';

/**
 * What the lock row shows after an attempt to change it.
 * - `changed`: it has the new stamp, so the attempt took effect
 * - `asBefore`: it has the stamp that the attempt named, so the attempt did not take effect, or not yet
 * - `mine`: this run still owns it, but it has an unexpected stamp: an earlier change took effect late, or an operation such as Approve Plan
 *   has changed `last`
 * - `releasedByMe`: this run's release took effect, and other runs have changed the row since
 * - `notMine`: another run owns it, or a person has edited it
 * - `gone`: it does not exist any more
 * - `noResponse`: neither the change nor the look-up of the row got a response
 */
export type AttemptResult =
	| 'changed'
	| 'asBefore'
	| 'mine'
	| 'releasedByMe'
	| 'notMine'
	| 'gone'
	| 'noResponse';

/**
 * What a run does after an attempt.
 * - `done`: the change took effect
 * - `again`: it makes the same change again, with the same new stamp, so only one of the attempts can take effect
 * - `adopt`: it makes the change anew, based on the row as it is now
 * - `taken`: it gives up, because another run owns the row
 */
type NextStep = 'done' | 'again' | 'adopt' | 'taken';

/** What a run does after an attempt to change a row that it owns, or wants to own. */
const STEPS_OF_OWNER: Readonly<Record<AttemptResult, NextStep>> = {
	changed: 'done',
	asBefore: 'again',
	mine: 'adopt',
	releasedByMe: 'taken',
	notMine: 'taken',
	gone: 'taken',
	noResponse: 'again',
};

/** What a run does after an attempt, by its intent and by what the row shows. */
export const STEPS_AFTER_ATTEMPT: Readonly<Record<ChangeIntent, Readonly<Record<AttemptResult, NextStep>>>> =
	{
		claim: STEPS_OF_OWNER,
		keep: STEPS_OF_OWNER,
		release: { ...STEPS_OF_OWNER, releasedByMe: 'done' },
		// A run that only reports has never owned the row, so it has no change of its own to adopt.
		report: { ...STEPS_OF_OWNER, mine: 'taken' },
	};
