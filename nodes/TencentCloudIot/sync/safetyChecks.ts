import type { NamedDevices } from '../binding/customers';
import { digestOfText } from '../service/signing/signature';
import { type Failure, notSent } from '../service/outcome';
import { counted, quoted } from '../service/words';

/** Rows are not compared with fewer customers than this, and a share of fewer says nothing. */
export const FEWEST_CUSTOMERS = 20;

/** The most customers that a message names. */
const MOST_NAMED = 3;

/** What a user chose under 'Safety Checks'. */
export interface SafetyCheckOptions {
	/** 'Stop Above (% Changed)', percent; 100 for off. */
	stopAbovePercent: number;
	/** 'Stop When Devices Drop (%)', percent; 100 for off. */
	stopWhenDevicesDropPercent: number;
	/** 'Approved Plan'; empty for none. */
	approvedPlan: string;
}

/** A product name with fewer devices is not missed. */
const FEWEST_DEVICES = 20;

/** With more product names than this in the rows, they name something else than product lines. */
const MOST_PRODUCTS = 200;

/** How much the rows of a run hold: the next run is judged by it. */
export interface RowCounts {
	/** All that the rows name. */
	customers: number;
	/** Those of them whose rows cannot be sent. */
	withheld: number;
	/** Those of them that are left out because they have no device. */
	leftOut: number;
	/** All DeviceIds that the rows name, usable or not. */
	devices: number;
	/** Product names with at least 20 devices; 0 where the rows have more than 200 names. */
	products: number;
}

type Products = NamedDevices['products'];

/** Whether the names name product lines, and are there. */
export function isTold(products: Products): boolean {
	return products.size > 0 && products.size <= MOST_PRODUCTS && (products.get('') ?? 0) < FEWEST_DEVICES;
}

/** The product names that a run leaves to the next one. */
export function missedProducts(products: Products): string[] {
	if (products.size > MOST_PRODUCTS) return [];
	return [...products].flatMap(([name, devices]) => (name !== '' && devices >= FEWEST_DEVICES ? name : []));
}

/** The rows of the last run, and of this one: each quantity is compared with the same one. */
interface Numbers {
	before: RowCounts;
	now: RowCounts;
	/** Product names of the last run that are in the rows. */
	productsFound: number;
	/** Rows that name no device that can be read, and may name any. */
	unnamed?: number | undefined;
}

/** What the sync state says of the queried customers, without those for which it does not know what was accepted. */
interface Judged {
	judged: number;
	/** The ids of the new and changed ones of them. */
	changed: readonly string[];
}

/** What is wrong with the rows. */
interface Tripped {
	code: 'TOO_FEW_CUSTOMERS' | 'TOO_MANY_CHANGES' | 'TOO_FEW_DEVICES' | 'STATE_LOST' | 'OTHER_VERSION';
	/** The cause, its numbers, and the limit. */
	reason: string;
	/** Cause, numbers and limit in Chinese, whom it is about, and what to do. */
	chinese: { reason: string; examples: string; advice: string };
	/** Whom it is about, one sentence; empty for nobody. */
	examples: string;
	/** What to do. */
	advice: string;
}

export function isChecked({ stopAbovePercent, stopWhenDevicesDropPercent }: SafetyCheckOptions): boolean {
	return stopAbovePercent < 100 || stopWhenDevicesDropPercent < 100;
}

/** There was a run before, and nothing is left of it to judge the rows by. */
export function lostState(): Tripped {
	return {
		code: 'STATE_LOST',
		reason:
			"The sync state is lost: n8n's database was reset, or a run was killed while it replaced the state.",
		chinese: {
			reason: '同步状态已丢失：n8n 的数据库被重置，或运行在替换状态时被终止',
			examples: '',
			advice: UNCHECKED[1],
		},
		examples: '',
		advice: UNCHECKED[0],
	};
}

/** What is there was left by a version of this package that writes another format. */
export function otherVersionState(): Tripped {
	return {
		code: 'OTHER_VERSION',
		reason: 'Another version of this package left the sync state, in a format that this one cannot read.',
		chinese: {
			reason: '同步状态由本软件包的另一版本写入，当前版本无法读取其格式',
			examples: '',
			advice: UNCHECKED[1],
		},
		examples: '',
		advice: UNCHECKED[0],
	};
}

const UNCHECKED = [
	'The rows cannot be checked: look at a Dry Run. Every customer is sent once',
	'数据行无法检查：请先看 Dry Run。所有客户都会推送一次',
] as const;

/** Too many customers are missing, withheld or without a device: a source that was read in part, or a broken column. */
export function tooFewCustomers(
	{ before, now }: Numbers,
	{ stopAbovePercent: limit }: SafetyCheckOptions,
	{ present, withheldIds }: { present: readonly string[]; withheldIds: readonly string[] },
): Tripped | undefined {
	const sent = ({ customers, withheld, leftOut }: RowCounts) => customers - withheld - leftOut;
	const isTooFew = (was: number, is: number) => was >= FEWEST_CUSTOMERS && isAbove(limit, was - is, was);
	if (!isTooFew(before.customers, now.customers) && !isTooFew(sent(before), sent(now))) return undefined;
	const causes = [
		[before.customers - now.customers, 'missing from the rows', '已不在数据中'],
		[now.withheld - before.withheld, 'withheld', '无法推送'],
		[now.leftOut - before.leftOut, 'without a device', '没有设备'],
	] as const;
	const found = causes.filter(([count]) => count > 0).sort(([a], [b]) => b - a);
	const others = found.slice(1).map(([count, what]) => ` and ${count} ${what}`);
	const [[first, what] = causes[0]] = found;
	const [introduction, inChinese, ids, advice, adviceInChinese] = {
		'missing from the rows': ['Still in the rows', '仍在数据中', present, ...ALL_ROWS] as const,
		withheld: ['Withheld', '无法推送的客户', withheldIds, ...RIGHT_ROWS] as const,
		'without a device': ['', '', [], ...ALL_DEVICES] as const,
	}[what];
	const known = sent(before) === before.customers ? '' : `, of which ${sent(before)} had valid rows,`;
	return {
		code: 'TOO_FEW_CUSTOMERS',
		reason: `${first} of ${counted(before.customers, 'customer')}${known} are ${what}${others.join('')}, ${above('Stop Above (% Changed)', limit)}`,
		chinese: {
			reason: `原有 ${before.customers} 个客户，${found.map(([count, , chinese]) => `${count} 个${chinese}`).join('，')}，${aboveInChinese('Stop Above (% Changed)', limit)}`,
			examples: examplesInChinese(inChinese, ids),
			advice: adviceInChinese,
		},
		examples: examplesOf(introduction, ids),
		advice,
	};
}

const ALL_ROWS = [
	'Give Sync the rows of all customers in one run; push a few with the operation Push',
	'在一次运行中给出全部客户的数据行；只推送少数客户请用 Push',
] as const;
const RIGHT_ROWS = [
	'Correct the rows, or the column or join that all of them come from',
	'修正数据行，或它们共同来源的列或 JOIN',
] as const;
const ALL_DEVICES = ['Check the query and its join with the devices', '检查查询及其与设备表的 JOIN'] as const;

/** Too many customers are new or changed: a broken column looks like that. */
export function tooManyChanges(
	{ before, now }: Numbers,
	{ stopAbovePercent: limit }: SafetyCheckOptions,
	{ judged, changed }: Judged,
): Tripped | undefined {
	if (before.customers < FEWEST_CUSTOMERS || judged < FEWEST_CUSTOMERS) return undefined;
	if (!isAbove(limit, changed.length, judged)) return undefined;
	const sendable = now.customers - now.withheld - now.leftOut;
	const of = judged === sendable ? 'customers' : `compared customers, of ${sendable} in the rows,`;
	return {
		code: 'TOO_MANY_CHANGES',
		reason: `${changed.length} of ${judged} ${of} are new or changed, ${above('Stop Above (% Changed)', limit)}`,
		chinese: {
			reason: `比较的 ${judged} 个客户中 ${changed.length} 个新增或有变化，${aboveInChinese('Stop Above (% Changed)', limit)}`,
			examples: examplesInChinese('有变化的客户', changed),
			advice: '修正映射或数据行',
		},
		examples: examplesOf('Changed', changed),
		advice: 'Correct the mapping or the rows',
	};
}

/** Devices are missing: a join that loses rows, or a source that was read in part. */
export function tooFewDevices(
	{ before, now, unnamed = 0 }: Numbers,
	{ stopWhenDevicesDropPercent: limit }: SafetyCheckOptions,
	{ changed }: Judged,
): Tripped | undefined {
	const lost = before.devices - now.devices - unnamed;
	if (lost < FEWEST_DEVICES || !isAbove(limit, lost, before.devices)) return undefined;
	return {
		code: 'TOO_FEW_DEVICES',
		reason: `The rows have ${now.devices} devices, those of the last run had ${before.devices}: a drop ${above('Stop When Devices Drop (%)', limit)}`,
		chinese: {
			reason: `设备由 ${before.devices} 台减少到 ${now.devices} 台，${aboveInChinese('Stop When Devices Drop (%)', limit)}`,
			examples: examplesInChinese('有变化的客户', changed),
			advice: '检查查询及其 JOIN',
		},
		examples: examplesOf('Changed', changed),
		advice: 'Check the query and its joins',
	};
}

/** A product name is missing that had many devices. */
export function tooFewProducts(
	{ before, productsFound }: Numbers,
	{ stopWhenDevicesDropPercent: limit }: SafetyCheckOptions,
	{ changed }: Judged,
): Tripped | undefined {
	const lost = before.products - productsFound;
	if (limit >= 100 || lost <= 0) return undefined;
	return {
		code: 'TOO_FEW_DEVICES',
		reason: `Missing from the rows: ${lost} of ${counted(before.products, 'product name')} with at least ${FEWEST_DEVICES} devices in the last run, which 'Stop When Devices Drop (%)' does not allow.`,
		chinese: {
			reason: `上次各有至少 ${FEWEST_DEVICES} 台设备的 ${before.products} 个产品名称中有 ${lost} 个已不在数据中，Stop When Devices Drop (%) 不允许`,
			examples: examplesInChinese('有变化的客户', changed),
			advice: '检查查询、其 JOIN 和产品名称列',
		},
		examples: examplesOf('Changed', changed),
		advice: 'Check the query, its joins and the column of the product name',
	};
}

/** Whether a part is more than a percentage of the whole: never more than 100 %. */
function isAbove(percent: number, part: number, whole: number): boolean {
	return 100 * part > percent * whole;
}

/** @param check whose label may have brackets, so that none are put around it */
function above(check: string, limit: number): string {
	return `above the limit of ${limit} % in '${check}'.`;
}

function aboveInChinese(check: string, limit: number): string {
	return `超过 ${check} 的上限 ${limit} %`;
}

function examplesOf(introduction: string, customerIds: readonly string[]): string {
	return customerIds.length === 0 ? '' : `${introduction}: ${quoted(customerIds.slice(0, MOST_NAMED))}. `;
}

function examplesInChinese(introduction: string, customerIds: readonly string[]): string {
	return customerIds.length === 0 ? '' : `${introduction}：${customerIds.slice(0, MOST_NAMED).join('、')}。`;
}

/** Of a plan's id, characters of 6 bits each: those of base64url that a form and a URL take as they are. */
const PLAN_LENGTH = 16;

/**
 * What names a plan: all that is in the rows, and the sync state that it is compared with. Another row or another state is
 * another plan.
 * @param state whatever is new after each run that ended
 */
export function planIdOf(
	fingerprints: readonly string[],
	withheld: readonly string[],
	state: string,
): string {
	const parts = [state, ...fingerprints.toSorted(), '', ...withheld.toSorted()];
	return digestOfText(parts.join('\n'), PLAN_LENGTH).replaceAll('-', 'A').replaceAll('_', 'B');
}

const RAISE = [
	'. To allow as much in every run, raise that limit',
	'。若每次运行都允许，请调高该上限',
] as const;

/**
 * Why nothing is sent.
 * @param tripped the reason of each, and what the first one advises: the others often follow from it
 * @param isAgain whether the last run was stopped by the same check
 */
export function stopBy(
	[first, ...others]: readonly [Tripped, ...Tripped[]],
	planId: string,
	approvedPlan: string,
	isAgain = false,
): Failure {
	const { code, examples, advice } = first;
	const all = [first, ...others];
	const reason = all.map((one) => one.reason).join(' ');
	const unpublished = isAgain
		? "Stopped again by the same check, without an 'Approved Plan': one set in the editor counts once it is published. "
		: '';
	const changed =
		approvedPlan === '' ? unpublished : "Rows or sync state have changed since the plan in 'Approved Plan'. ";
	const approve = `If this is meant, set 'Approved Plan' under 'Safety Checks' to ${planId} and run again (in a published workflow, publish it first)`;
	const [raise, raiseInChinese] = advice === UNCHECKED[0] ? ['', ''] : RAISE;
	const changedInChinese =
		approvedPlan === ''
			? isAgain
				? '同一检查再次停止了运行，而 Approved Plan 为空：在编辑器中填写后须发布才生效。'
				: ''
			: '数据行或同步状态与 Approved Plan 中的计划已不同。';
	const chinese = {
		reason: all.map((one) => one.chinese.reason).join('；'),
		advice: `${changedInChinese}${first.chinese.examples}${first.chinese.advice}。如果确实如此，把 Safety Checks 中的 Approved Plan 设为 ${planId}，再运行一次（已发布的工作流须先发布）${raiseInChinese}。同步状态未变`,
	};
	const todo = `${advice}. ${approve}${raise}. The sync state is unchanged`;
	const stop = notSent(code, reason, `${changed}${examples}${todo}`);
	const correction = {
		examples: { english: examples, chinese: first.chinese.examples },
		advice: { english: advice, chinese: first.chinese.advice },
	};
	return { ...stop, adviceInHint: `${changed}${todo}`, planId, chinese, correction };
}
