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
 * @returns undefined if no safety check stopped the run
 */
export function reportPlan(run: EndedRun, failures: readonly OwnFailure[], isNaming: boolean) {
	const { blocked, calls, sync } = run;
	if (blocked?.planId === undefined || blocked.plan === undefined) {
		return undefined;
	}
	const { before, now, judged, changed, added } = blocked.plan;
	const isKnown = judged > 0 || calls.length === 0;
	const ofAll = (count: number) => Math.round((count * calls.length) / Math.max(1, judged));
	const New = isKnown && added ? ofAll(added.length) : undefined;
	const Changed = isKnown ? ofAll(changed.length - (added ?? []).length) : undefined;
	const IsEstimated = judged < calls.length;
	const Missing = before && (sync?.gone ?? Math.max(0, before.customers - now.customers));
	const Examples = isNaming ? examplesOf(run, failures) : [];
	const counts: Message[] = [];
	if (Changed !== undefined) {
		counts.push(PLAN.changed(New, Changed, IsEstimated));
	}
	if (Missing !== undefined) {
		counts.push(PLAN.missing(Missing));
	}
	counts.push(PLAN.withheld(now.withheld));
	const lines: Message[] = [
		[blocked.reason, blocked.reasonZh],
		PLAN.customers(before?.customers, now.customers, counts),
		PLAN.devices(before?.devices, now.devices),
		...Examples.map(({ Kind, CustomerId, Devices, Reason, ReasonZh }) =>
			PLAN.example(Kind, CustomerId, [Reason ?? Devices.join(', '), ReasonZh ?? Devices.join('、')]),
		),
		PLAN.approve(),
		PLAN.reject(),
	];
	const write = (language: 0 | 1) => lines.map((line) => shownText(line[language]));
	return presentMembers({
		/** What 'Approved Plan' takes. */
		PlanId: blocked.planId,
		/** Which check stopped it. */
		Code: blocked.code,
		/** Customers that the last run did not have, if known. */
		New,
		/** Customers that have changed. It includes new ones if `New` is not known. */
		Changed,
		/** Whether both are estimated from a sample of the customers. */
		IsEstimated,
		/** Customers of the last run that are not in the rows. */
		Missing,
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
}

function examplesOf({ blocked, calls }: EndedRun, failures: readonly OwnFailure[]): PlanExample[] {
	const { changed, added = [] } = blocked!.plan!;
	const isNew = new Set(added);
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
	const notNew = changed.filter((id) => !isNew.has(id));
	const kinds = [differing('new', added), differing('changed', notNew), withheld];
	const firsts = kinds.flatMap((examples) => examples.slice(0, 1));
	const furthers = kinds.flatMap((examples) => examples.slice(1));
	return [...firsts, ...furthers].slice(0, MOST_EXAMPLES);
}
