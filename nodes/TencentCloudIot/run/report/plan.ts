import { shownText } from '../../host/shown';
import { presentMembers } from '../../operation/presentMembers';
import type { Message } from '../../messages/message';
import { PLAN } from '../../messages/run';
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

/**
 * What a Sync that a safety check stopped would do, for the person who approves it. Numbers that are not known are left out.
 * @param failures of the run: which customers are withheld, and why
 * @returns its lines, and what the report of the run has of it; undefined if no safety check stopped the run
 */
export function reportPlan(run: EndedRun, failures: readonly OwnFailure[], isNaming: boolean) {
	const { blocked } = run;
	if (blocked?.planId === undefined || blocked.plan === undefined) {
		return undefined;
	}
	const { before, now, changes } = blocked.plan;
	const Examples = isNaming ? examplesOf(run, failures) : [];
	const counts: Message[] = [];
	const counted: Partial<Record<'New' | 'Changed' | 'Missing' | 'MovedDevices', number>> = {};
	if (changes !== undefined) {
		counted.New = changes.added.length;
		counted.Changed = changes.changed.length;
		counted.Missing = changes.missing;
		counted.MovedDevices = changes.moved;
		counts.push(PLAN.changed(counted.New, counted.Changed), PLAN.missing(counted.Missing));
	}
	counts.push(PLAN.withheld(now.withheld));
	const lines: Message[] = [
		[blocked.reason, blocked.reasonZh],
		PLAN.customers(before?.customers, now.customers, counts),
		PLAN.devices(before?.devices, now.devices, changes?.moved ?? 0),
		...Examples.map(({ Kind, CustomerId, Devices, Reason, ReasonZh }) =>
			PLAN.example(Kind, CustomerId, [Reason ?? Devices.join(', '), ReasonZh ?? Devices.join('、')]),
		),
		PLAN.approve(),
		PLAN.reject(),
	];
	const write = (language: 0 | 1) => lines.map((line) => shownText(line[language]));
	const report = presentMembers({
		/** What 'Approved Plan' takes. */
		PlanId: blocked.planId,
		/** Which check stopped it. */
		Code: blocked.code,
		/** Customers that the last run did not have, that have other devices, that are not in the rows any more; devices that moved. */
		...counted,
		/** Customers whose rows are invalid. */
		Withheld: now.withheld,
		CustomersBefore: before?.customers,
		DevicesBefore: before?.devices,
		CustomersNow: now.customers,
		DevicesNow: now.devices,
		/** One of each kind first; empty if customers must not be named. */
		Examples,
		/** All of it for a form: Chinese, then English, in lines. */
		Text: [...write(1), '', ...write(0)].join('\n'),
	});
	return { report, lines: { english: write(0), chinese: write(1) } };
}

function examplesOf({ blocked, calls }: EndedRun, failures: readonly OwnFailure[]): PlanExample[] {
	const { changed = [], added = [] } = blocked?.plan?.changes ?? {};
	const differing = (Kind: 'new' | 'changed', ids: readonly string[]) => {
		const named = new Set(ids);
		const found = calls.filter(({ call }) => named.has(call.customer!.id)).slice(0, MOST_EXAMPLES);
		return found.map(({ call }): PlanExample => {
			const { id, devices } = call.customer!;
			const texts = devices.slice(0, MOST_DEVICES).map((device) => {
				return shownText([device.DeviceId, device.CustomerDeviceNo, device.ProductName].join(' · '));
			});
			const more = devices.length > MOST_DEVICES ? ['…'] : [];
			return { Kind, CustomerId: shownText(id), Devices: [...texts, ...more] };
		});
	};
	const ofRows = failures.filter(({ id, findings }) => id !== undefined && findings !== undefined);
	const withheld = ofRows.slice(0, MOST_EXAMPLES).map((failure): PlanExample => {
		const [english, chinese] = lineOf(failure);
		const reasons = { Reason: shownText(english), ReasonZh: shownText(chinese) };
		return { Kind: 'withheld', CustomerId: shownText(failure.id!), Devices: [], ...reasons };
	});
	const kinds = [differing('new', added), differing('changed', changed), withheld];
	const firstOfEach = kinds.flatMap(([first]) => first ?? []);
	const further = kinds.flatMap(([, ...examples]) => examples);
	return [...firstOfEach, ...further].slice(0, MOST_EXAMPLES);
}
