import { describeFinding, rowNumber } from '../../input/finding';
import { findingInChinese, reasonInChinese } from '../../service/chinese';
import { type Failure, inHint } from '../../service/outcome';
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
	return {
		...report,
		Text: [...linesInChinese(report, blocked, isNaming), '', ...lines(report, blocked, isNaming)].join('\n'),
	};
}

const DOES = {
	english: [
		'Approve sends exactly this plan, once. If the rows have changed by then, nothing is sent and you are asked again',
		'Reject sends nothing: correct the rows, and the next run passes by itself',
	],
	chinese: [
		'Approve：只发送这份计划，只发送一次。届时数据行若已变化，不会发送，而会再问一次',
		'Reject：什么都不发送。修正数据行后，下次运行自动恢复',
	],
};

const KINDS_ZH: Readonly<Record<PlanExample['Kind'], string>> = {
	changed: '变化',
	new: '新增',
	withheld: '无法推送',
};

function lines(plan: Omit<PlanReport, 'Text'>, stop: Failure, isNaming: boolean): string[] {
	const about = plan.IsEstimated && plan.Changed !== undefined ? 'about ' : '';
	const counts = [
		...(plan.New === undefined ? [] : [`${plan.New} new`]),
		...(plan.Changed === undefined
			? []
			: [`${about}${plan.Changed} ${plan.New === undefined ? 'new or changed' : 'changed'}`]),
		...(plan.Missing === undefined ? [] : [`${plan.Missing} missing`]),
		`${plan.Withheld} withheld`,
	];
	const from = (before?: number) => (before === undefined ? '' : `${before} before, `);
	return [
		(isNaming ? stop : inHint(stop)).reason,
		`Customers: ${from(plan.CustomersBefore)}${plan.CustomersNow} now; ${counts.join(', ')}`,
		`Devices: ${from(plan.DevicesBefore)}${plan.DevicesNow} now`,
		...plan.Examples.map(({ Kind, CustomerId, Devices, Reason }) => {
			return `· ${Kind}: ${CustomerId}: ${Reason ?? Devices.join(', ')}`;
		}),
		...DOES.english,
	].map((text) => shownText(text));
}

function linesInChinese(plan: Omit<PlanReport, 'Text'>, stop: Failure, isNaming: boolean): string[] {
	const about = plan.IsEstimated && plan.Changed !== undefined ? '约 ' : '';
	const counts = [
		...(plan.New === undefined ? [] : [`新增 ${plan.New} 个`]),
		...(plan.Changed === undefined
			? []
			: [`${plan.New === undefined ? '新增或变化' : '变化'} ${about}${plan.Changed} 个`]),
		...(plan.Missing === undefined ? [] : [`缺失 ${plan.Missing} 个`]),
		`无法推送 ${plan.Withheld} 个`,
	];
	const from = (before: number | undefined, unit: string) =>
		before === undefined ? '' : `之前 ${before} ${unit}，`;
	return [
		reasonInChinese(stop, isNaming),
		`客户：${from(plan.CustomersBefore, '个')}现在 ${plan.CustomersNow} 个；${counts.join('，')}`,
		`设备：${from(plan.DevicesBefore, '台')}现在 ${plan.DevicesNow} 台`,
		...plan.Examples.map(({ Kind, CustomerId, Devices, ReasonZh }) => {
			return `· ${KINDS_ZH[Kind]}：${CustomerId}：${ReasonZh ?? Devices.join('、')}`;
		}),
		...DOES.chinese,
	].map((text) => shownText(text));
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
		const { itemIndex, field, value, text } = first;
		kinds.withheld.push({
			Kind: 'withheld',
			CustomerId: shownText(customerId),
			Devices: [],
			Reason: shownText(describeFinding(first)),
			ReasonZh: shownText(
				`第 ${rowNumber(itemIndex)} 行：${field}${value === undefined ? '' : `“${value}”`}${findingInChinese(text)}`,
			),
		});
	}
	const all = Object.values(kinds);
	return all
		.flatMap((some) => some.slice(0, 1))
		.concat(all.flatMap((some) => some.slice(1)))
		.slice(0, MOST_EXAMPLES);
}
