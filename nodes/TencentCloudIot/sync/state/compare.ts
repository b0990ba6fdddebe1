import type { Found } from '../began';
import { rePushesSince, type Verdict } from '../verdicts';
import { type Baseline, judgeRows, MOST_PAIRS, type Opened } from './baseline';
import { type Asking, type Kind, kindsOf, type StateEntries } from './entries';
import type { SyncSettings } from './settings';

/** More changed customers than this are not queried for being new or left over, which only decides their order of sending. */
const MOST_LEFT_OVER = 60_000;

/** Up to this many customers are asked for in the claim: a run with nothing to send need not own the state then. */
const MOST_IN_CLAIM = 5000;

interface Compared
	extends Pick<Found, 'verdicts' | 'stopped'>,
		Partial<Pick<Found, 'failing' | 'lostDevices' | 'gone'>> {
	/** Sampled customers, by index, for which exactly what is in the rows was accepted last. */
	asAccepted?: ReadonlySet<number> | undefined;
	/** Whether nobody is to be sent, and the state already says of all customers what this run would leave. */
	isAsBefore?: boolean;
}

/**
 * Judges the rows, and compares the customers with the state. Of one that is not closed nothing counts as unchanged; that of
 * another account has nothing to compare with.
 */
export async function compareWith(opened: Opened): Promise<Compared> {
	const { customers, dryRun, refusal } = opened.settings;
	const all = (verdict: Verdict) => customers.map(() => verdict);
	if (refusal !== undefined) return { verdicts: all('changed'), stopped: refusal };
	const { baseline, stopped } = await judgeRows(opened);
	if (!opened.lease.isClosed)
		return { verdicts: all('changed'), stopped, asAccepted: new Set(customers.keys()) };
	if (stopped !== undefined && !dryRun) return { verdicts: all('unjudged'), stopped };
	if (opened.lastRun.state === 'used') return { ...(await compare(opened, baseline)), stopped };
	return { verdicts: all('new'), stopped };
}

/** Asks for the customers in a sync state of their account. A Dry Run, which takes all of it back, may find that too costly. */
async function compare(
	{ settings, lease, lastRun, minute }: Opened,
	baseline: Baseline | undefined,
): Promise<Omit<Compared, 'stopped'>> {
	const { entries, customers, withheld, leftOut, inPart, sendAll, isManual } = settings;
	/** @returns which of the customers have an entry of a kind */
	const ask = async (asking: Asking, ids: readonly string[]) => {
		const there = await lease.ask(entriesAsked(entries, asking, ids));
		return (kind: Kind) => new Set(ids.filter((id) => there.has(entries.ofCustomer(kind, id))));
	};
	const idsOf = (indexes: readonly number[]) => indexes.map((index) => customers[index]!.customerId);
	const all = [...customers.keys()];
	const { sample = [], asAccepted = new Set<number>() } = baseline ?? {};
	// A sample in which nobody has changed still allows for three among as many others.
	const changedShare = sample.length === 0 ? 1 : (sample.length - asAccepted.size + 3) / sample.length;
	const added = 5 * changedShare * all.length + 3 * withheld.length + 4 * leftOut.length;
	const isInPart = settings.dryRun && added * (lease.found + added) > MOST_PAIRS;
	const compared = isInPart ? sample : all;
	const verdicts = customers.map((): Verdict => 'unjudged');
	const fingerprints = await lease.ask(compared.map((index) => customers[index]!.fingerprint));
	const isScheduled = rePushesSince(settings.pushAgainAfterDays, minute, lastRun.minute);
	for (const index of compared) {
		const { fingerprint } = customers[index]!;
		const asBefore = isScheduled(fingerprint) ? 'due' : 'unchanged';
		verdicts[index] = fingerprints.has(fingerprint) ? asBefore : 'changed';
	}
	if (isInPart) return { verdicts };
	const changed = all.filter((index) => verdicts[index] === 'changed');
	const asked = changed.length <= MOST_LEFT_OVER ? changed : [];
	const ofChanged = await ask('changed', idsOf(asked));
	const [known, failed, waiting] = [ofChanged('known'), ofChanged('failed'), ofChanged('waiting')];
	for (const index of asked) {
		const { customerId } = customers[index]!;
		if (!known.has(customerId)) verdicts[index] = 'new';
		else if (failed.has(customerId)) verdicts[index] = 'failed';
		else if (waiting.has(customerId)) verdicts[index] = 'waiting';
	}
	const ofWithheld = await ask('withheld', withheld);
	const leftOutBefore = (await ask('left out', leftOut))('withoutDevice');
	const newlyLeftOut = leftOut.filter((id) => !leftOutBefore.has(id));
	const ofNewlyLeftOut = await ask('newly left out', newlyLeftOut);
	const accepted = all.filter((index) => verdicts[index] === 'unchanged' || verdicts[index] === 'due');
	const ofAccepted = await ask('accepted', idsOf(lastRun.isAcceptedReported ? accepted : []));
	const failing = new Set([ofChanged, ofWithheld, ofAccepted].flatMap((having) => [...having('reported')]));
	const [hadDevices, hadFailed] = [ofNewlyLeftOut('known'), ofNewlyLeftOut('failed')];
	const isAsBefore =
		!sendAll &&
		!lastRun.isAcceptedReported &&
		verdicts.every((verdict) => verdict === 'unchanged') &&
		ofWithheld('failed').size === withheld.length &&
		leftOutBefore.size === leftOut.length &&
		// Else it is to be left of somebody that its failing was reported.
		(isManual || (inPart.size === 0 && failing.size === withheld.length)) &&
		baseline?.isSame === true;
	const present =
		verdicts.filter((verdict) => verdict !== 'new').length + ofWithheld('known').size + hadDevices.size;
	return {
		verdicts,
		asAccepted,
		isAsBefore,
		failing,
		// A customer that was withheld may never have had a device.
		lostDevices: new Set([...hadDevices].filter((id) => !hadFailed.has(id))),
		gone:
			baseline && asked.length === changed.length
				? baseline.counts.customers - baseline.counts.leftOut - present
				: undefined,
	};
}

function entriesAsked(entries: StateEntries, asking: Asking, ids: readonly string[]): string[] {
	const kinds = kindsOf('asked', asking);
	return ids.flatMap((id) => kinds.map((kind) => entries.ofCustomer(kind, id)));
}

/** What a run asks first of its customers. */
export function customerQuestions({ entries, customers, withheld, leftOut }: SyncSettings): string[] {
	if (customers.length + withheld.length + leftOut.length > MOST_IN_CLAIM) return [];
	return [
		...customers.map(({ fingerprint }) => fingerprint),
		...entriesAsked(entries, 'withheld', withheld),
		...entriesAsked(entries, 'left out', leftOut),
	];
}
