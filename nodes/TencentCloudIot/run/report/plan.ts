import { describeFinding, rowNumber } from '../../input/finding';
import { findingInChinese, reasonInChinese } from '../../messages/failures';
import type { Message } from '../../messages/message';
import { PLAN } from '../../messages/run';
import { inHint } from '../../service/outcome';
import { shownText } from '../../shown';
import type { EndedRun } from '../result';

/** The most examples that are given, and devices of each. */
const MOST_EXAMPLES = 5;
const MOST_DEVICES = 3;

/** What a Sync would do that a safety check stopped, for whoever approves it; a number that is not known is left out. */
export interface PlanReport {
	/** What 'Approved Plan' takes. */
	PlanId: string;
	/** Which check stopped it. */
	Code: string;
	New?: number;
	Changed?: number;
	/** Whether the two are estimated by a sample of the customers. */
	IsEstimated: boolean;
	/** Customers of the last run that are not in the rows. */
	Missing?: number;
	/** Customers whose rows cannot be sent. */
	Withheld: number;
	CustomersBefore?: number;
	CustomersNow: number;
	DevicesBefore?: number;
	DevicesNow: number;
	/** One of each kind first; none where customers are not named. */
	Examples: PlanExample[];
	/** All of it for a form: Chinese, then English, in lines. */
	Text: string;
}

interface PlanExample {
	Kind: 'changed' | 'new' | 'withheld';
	CustomerId: string;
	/** As they are in the rows: `PRODUCT/device · SN-0001 · Smart Lock`. */
	Devices: string[];
	/** Why it is withheld. */
	Reason?: string;
	ReasonZh?: string;
}

/** @returns undefined where no safety check stopped the run */
export function reportPlan(run: EndedRun, isNaming: boolean): PlanReport | undefined {
	const { blocked, tally, sync } = run;
	if (blocked?.planId === undefined || blocked.plan === undefined) return undefined;
	const { planId: PlanId, code: Code, plan } = blocked;
	const { before, now, judged, changed } = plan;
	const { verdicts } = sync?.state === 'used' ? tally : { verdicts: undefined };
	const sendable = run.calls.length;
	const estimated = judged === 0 ? undefined : Math.round((changed.length * sendable) / judged);
	const Changed = verdicts?.Changed ?? estimated;
	const gone = before && (sync?.gone ?? Math.max(0, before.customers - now.customers));
	const numbers = {
		...(verdicts && { New: verdicts.New }),
		...(Changed !== undefined && { Changed }),
		IsEstimated: verdicts === undefined && judged < sendable,
		...(gone !== undefined && { Missing: gone }),
		Withheld: now.withheld,
		...(before && { CustomersBefore: before.customers, DevicesBefore: before.devices }),
		CustomersNow: now.customers,
		DevicesNow: now.devices,
	};
	const Examples = isNaming ? examplesOf(run) : [];
	const report = { PlanId, Code, ...numbers, Examples };
	const reason: Message = [inHint(blocked).reason, reasonInChinese(blocked)];
	return { ...report, Text: [write(report, reason, 1), '', write(report, reason, 0)].join('\n') };
}

/** All of it for a form, in one language. */
function write(plan: Omit<PlanReport, 'Text'>, reason: Message, language: 0 | 1): string {
	const { New, Changed, Missing, Withheld, IsEstimated } = plan;
	const counts = [
		...(New === undefined ? [] : [PLAN.new(New)]),
		...(Changed === undefined ? [] : [(IsEstimated ? PLAN.estimated : PLAN.changed)(Changed)]),
		...(Missing === undefined ? [] : [PLAN.missing(Missing)]),
		PLAN.withheld(Withheld),
	];
	const examples = plan.Examples.map(({ Kind, CustomerId, Devices, Reason, ReasonZh }) => {
		const what: Message = [Reason ?? Devices.join(', '), ReasonZh ?? Devices.join('、')];
		return PLAN.example(Kind, CustomerId, what);
	});
	const all = [
		reason,
		PLAN.customers(plan.CustomersBefore, plan.CustomersNow, counts),
		PLAN.devices(plan.DevicesBefore, plan.DevicesNow),
		...examples,
		PLAN.approve(),
		PLAN.reject(),
	];
	return all.map((message) => shownText(message[language])).join('\n');
}

function examplesOf({ blocked, calls, withheld }: EndedRun): PlanExample[] {
	const sampled = new Set(blocked?.plan?.changed);
	const kinds: Record<PlanExample['Kind'], PlanExample[]> = { changed: [], new: [], withheld: [] };
	for (const { call, verdict } of calls) {
		const { id = '', devices = [] } = call.customer ?? {};
		const isChanged = verdict === 'changed' || (verdict === 'unjudged' && sampled.has(id));
		const kind = verdict === 'new' ? 'new' : isChanged ? 'changed' : undefined;
		if (kind === undefined || kinds[kind].length >= MOST_EXAMPLES) continue;
		const named = devices.slice(0, MOST_DEVICES).map((device) => {
			return shownText([device.DeviceId, device.CustomerDeviceNo, device.ProductName].join(' · '));
		});
		const more = devices.length > MOST_DEVICES ? ['…'] : [];
		kinds[kind].push({ Kind: kind, CustomerId: shownText(id), Devices: [...named, ...more] });
	}
	for (const { customerId, findings } of withheld) {
		const [first] = findings;
		if (customerId === undefined || first === undefined || kinds.withheld.length >= MOST_EXAMPLES) continue;
		kinds.withheld.push({
			Kind: 'withheld',
			CustomerId: shownText(customerId),
			Devices: [],
			Reason: shownText(describeFinding(first)),
			ReasonZh: shownText(`第 ${rowNumber(first.itemIndex)} 行：${findingInChinese(first)}`),
		});
	}
	const all = Object.values(kinds);
	return all
		.flatMap((some) => some.slice(0, 1))
		.concat(all.flatMap((some) => some.slice(1)))
		.slice(0, MOST_EXAMPLES);
}
