import { asStop } from '../../sync/safetyChecks';
import { shownText } from '../../host/shown';
import { presentMembers } from '../../operation/presentMembers';
import { inCommas, inCounts, ofRows, type Place, type Text, write } from '../../messages/text';
import { aboveZero, PLAN } from '../../messages/run';
import { lineOf, type OwnFailure } from './failures';
import type { EndedRun } from './result';

/** The most examples, and devices of each. */
const MOST_EXAMPLES = 5;
const MOST_DEVICES = 3;

/** A customer that a plan gives as an example. */
interface PlanExample {
	Kind: 'new' | 'changed' | 'withheld';
	CustomerId: string;
	/** As they are in the rows: `PRODUCT/device · SN-0001 · Smart Lock`. */
	Devices: string[];
	/** Why it is withheld. */
	Reason?: string;
	ReasonZh?: string;
}

/** A plan's example, and what is said of it in a line. */
interface Example {
	shown: PlanExample;
	line: Text;
}

/**
 * What a Sync that a safety check stopped would do, for the person who approves it. Numbers that are not known are left out.
 * @param failures of the run: which customers are withheld, and why
 * @returns its lines, and what the report of the run has of it; undefined if no safety check stopped the run
 */
export function reportPlan(run: EndedRun, failures: readonly OwnFailure[], place: Place) {
	const stop = asStop(run.blocked);
	if (stop?.plan === undefined) {
		return undefined;
	}
	const { before, now, changes } = stop.plan;
	const examples = place === 'everything' ? examplesOf(run, failures) : [];
	const counts: Text[] = [];
	const counted: Partial<Record<'New' | 'Changed' | 'Missing' | 'MovedDevices', number>> = {};
	if (changes !== undefined) {
		counted.New = changes.added.length;
		counted.Changed = changes.changed.length;
		counted.Missing = changes.missing;
		counted.MovedDevices = changes.moved;
		counts.push(
			PLAN.changed({ added: counted.New, changed: counted.Changed }),
			PLAN.missing({ count: counted.Missing }),
		);
	}
	counts.push(PLAN.withheld({ count: now.withheld }));
	const lines: Text[] = [
		stop.reason,
		PLAN.customers({ before: before?.customers, now: now.customers, counts: inCounts(counts) }),
		PLAN.devices({ before: before?.devices, now: now.devices, moved: aboveZero(changes?.moved ?? 0) }),
		...examples.map(({ line }) => line),
		PLAN.approve(),
		PLAN.reject(),
	];
	const written = lines.map((line) => write(line, place));
	const english = written.map(([line]) => shownText(line));
	const chinese = written.map(([, line]) => shownText(line));
	const report = presentMembers({
		/** What 'Approved Plan' takes. */
		PlanId: stop.planId,
		/** Which check stopped it. */
		Code: stop.code,
		/** Customers that the last run did not have, that have other devices, that are not in the rows any more; devices that moved. */
		...counted,
		/** Customers whose rows are invalid. */
		Withheld: now.withheld,
		CustomersBefore: before?.customers,
		DevicesBefore: before?.devices,
		CustomersNow: now.customers,
		DevicesNow: now.devices,
		/** One of each kind first; empty if customers must not be named. */
		Examples: examples.map(({ shown }) => shown),
		/** All of it for a form: Chinese, then English, in lines. */
		Text: [...chinese, '', ...english].join('\n'),
	});
	return { report, lines: { english, chinese } };
}

function examplesOf({ blocked, calls }: EndedRun, failures: readonly OwnFailure[]): Example[] {
	const { changed = [], added = [] } = asStop(blocked)?.plan?.changes ?? {};
	const differing = (Kind: 'new' | 'changed', ids: readonly string[]) => {
		const named = new Set(ids);
		const found = calls.filter(({ call }) => named.has(call.customer!.id)).slice(0, MOST_EXAMPLES);
		return found.map(({ call }): Example => {
			const { id, devices } = call.customer!;
			const texts = devices.slice(0, MOST_DEVICES).map((device) => {
				return shownText([device.DeviceId, device.CustomerDeviceNo, device.ProductName].join(' · '));
			});
			if (devices.length > MOST_DEVICES) {
				texts.push('…');
			}
			const facts = { id: ofRows(shownText(id)), change: inCommas(texts.map((text) => ofRows(text))) };
			const line = Kind === 'new' ? PLAN.new(facts) : PLAN.changedExample(facts);
			return { shown: { Kind, CustomerId: shownText(id), Devices: texts }, line };
		});
	};
	const ofRowsOnly = failures.filter(({ id, findings }) => id !== undefined && findings !== undefined);
	const withheld = ofRowsOnly.slice(0, MOST_EXAMPLES).map((failure): Example => {
		const text = lineOf(failure);
		const [english, chinese] = write(text, 'everything');
		const id = shownText(failure.id!);
		const reasons = { Reason: shownText(english), ReasonZh: shownText(chinese) };
		const line = PLAN.withheldExample({ id: ofRows(id), change: text });
		return { shown: { Kind: 'withheld', CustomerId: id, Devices: [], ...reasons }, line };
	});
	const kinds = [differing('new', added), differing('changed', changed), withheld];
	const firstOfEach = kinds.flatMap(([first]) => first ?? []);
	const further = kinds.flatMap(([, ...examples]) => examples);
	return [...firstOfEach, ...further].slice(0, MOST_EXAMPLES);
}
