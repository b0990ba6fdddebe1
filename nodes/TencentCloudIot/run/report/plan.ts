import { reasonInChinese } from '../../messages/failures';
import { describeFinding, rowNumber } from '../../messages/findings';
import type { Message } from '../../messages/message';
import { PLAN } from '../../messages/run';
import { inHint } from '../../service/outcome';
import { shownText } from '../../host/shown';
import type { EndedRun } from './result';

/** The most examples that are given, and devices of each. */
const MOST_EXAMPLES = 5;
const MOST_DEVICES = 3;

/** A customer that a plan names. */
interface PlanExample {
	Kind: 'changed' | 'withheld';
	CustomerId: string;
	/** As they are in the rows: `PRODUCT/device · SN-0001 · Smart Lock`. */
	Devices: string[];
	/** Why it is withheld. */
	Reason?: string;
	ReasonZh?: string;
}

/**
 * What a Sync would do that a safety check stopped, for whoever approves it; a number that is not known is left out.
 * @returns undefined where no safety check stopped the run
 */
export function reportPlan(run: EndedRun, isNaming: boolean) {
	const { blocked } = run;
	const numbers = numbersOf(run);
	if (blocked?.planId === undefined || numbers === undefined) return undefined;
	const reason: Message = [inHint(blocked).reason, reasonInChinese(blocked)];
	const Examples = isNaming ? examplesOf(run) : [];
	const write = (language: 0 | 1) =>
		linesFor(reason, numbers, Examples).map((line) => shownText(line[language]));
	return {
		/** What 'Approved Plan' takes. */
		PlanId: blocked.planId,
		/** Which check stopped it. */
		Code: blocked.code,
		...numbers,
		/** One of each kind first; none where customers are not named. */
		Examples,
		/** All of it for a form: Chinese, then English, in lines. */
		Text: [...write(1), '', ...write(0)].join('\n'),
	};
}

function numbersOf({ blocked, calls, sync }: EndedRun) {
	if (blocked?.plan === undefined) return undefined;
	const { before, now, judged, changed } = blocked.plan;
	const sendable = calls.length;
	const isKnown = judged > 0 || sendable === 0;
	const gone = before && (sync?.gone ?? Math.max(0, before.customers - now.customers));
	return {
		/** Customers that are new or changed: a run that is stopped does not ask which are new. */
		...(isKnown && { Changed: Math.round((changed.length * sendable) / Math.max(1, judged)) }),
		/** Whether that is estimated by a sample of the customers. */
		IsEstimated: judged < sendable,
		/** Customers of the last run that are not in the rows. */
		...(gone !== undefined && { Missing: gone }),
		/** Customers whose rows cannot be sent. */
		Withheld: now.withheld,
		...(before && { CustomersBefore: before.customers, DevicesBefore: before.devices }),
		CustomersNow: now.customers,
		DevicesNow: now.devices,
	};
}

function linesFor(
	reason: Message,
	numbers: NonNullable<ReturnType<typeof numbersOf>>,
	examples: readonly PlanExample[],
): Message[] {
	const { Changed, Missing, Withheld, IsEstimated } = numbers;
	const counts = [
		...(Changed === undefined ? [] : [PLAN.changed(Changed, IsEstimated)]),
		...(Missing === undefined ? [] : [PLAN.missing(Missing)]),
		PLAN.withheld(Withheld),
	];
	const lines = examples.map(({ Kind, CustomerId, Devices, Reason, ReasonZh }) => {
		return PLAN.example(Kind, CustomerId, [Reason ?? Devices.join(', '), ReasonZh ?? Devices.join('、')]);
	});
	return [
		reason,
		PLAN.customers(numbers.CustomersBefore, numbers.CustomersNow, counts),
		PLAN.devices(numbers.DevicesBefore, numbers.DevicesNow),
		...lines,
		PLAN.approve(),
		PLAN.reject(),
	];
}

function examplesOf({ blocked, calls, withheld }: EndedRun): PlanExample[] {
	const sampled = new Set(blocked?.plan?.changed);
	const kinds: Record<PlanExample['Kind'], PlanExample[]> = { changed: [], withheld: [] };
	for (const { call, verdict } of calls) {
		const { id = '', devices = [] } = call.customer ?? {};
		const isChanged = verdict === 'changed' || sampled.has(id);
		if (!isChanged || kinds.changed.length >= MOST_EXAMPLES) continue;
		const named = devices.slice(0, MOST_DEVICES).map((device) => {
			return shownText([device.DeviceId, device.CustomerDeviceNo, device.ProductName].join(' · '));
		});
		const more = devices.length > MOST_DEVICES ? ['…'] : [];
		kinds.changed.push({ Kind: 'changed', CustomerId: shownText(id), Devices: [...named, ...more] });
	}
	for (const { customerId, findings } of withheld) {
		const [first] = findings;
		if (customerId === undefined || first === undefined || kinds.withheld.length >= MOST_EXAMPLES) continue;
		const [reason, reasonZh] = describeFinding(first);
		kinds.withheld.push({
			Kind: 'withheld',
			CustomerId: shownText(customerId),
			Devices: [],
			Reason: shownText(reason),
			ReasonZh: shownText(`第 ${rowNumber(first.itemIndex)} 行：${reasonZh}`),
		});
	}
	const all = Object.values(kinds);
	return all
		.flatMap((some) => some.slice(0, 1))
		.concat(all.flatMap((some) => some.slice(1)))
		.slice(0, MOST_EXAMPLES);
}
