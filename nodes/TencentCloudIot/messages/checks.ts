import { counted } from './words';
import type { Message } from './message';

/** Why a safety check stopped a run: each cause with its numbers and the limit. */
export const CHECKS = {
	stateLost: (): Message => [
		"The sync state is lost: n8n's database was reset, or a run was killed while it replaced the state.",
		'同步状态已丢失：n8n 的数据库被重置，或运行在替换状态时被终止',
	],
	otherVersion: (): Message => [
		'Another version of this package left the sync state, in a format that this one cannot read.',
		'同步状态由本软件包的另一版本写入，当前版本无法读取其格式',
	],
	tooFew: (
		before: number,
		valid: number,
		causes: ReadonlyArray<readonly [number, Message]>,
		limit: Message,
	): Message => {
		const [[first, [firstCause]] = [0, NO_CAUSE], ...furtherCauses] = causes;
		const ofValid = valid === before ? '' : `, of which ${valid} had valid rows,`;
		const further = furtherCauses.map(([count, [cause]]) => ` and ${count} ${cause}`).join('');
		const chinese = causes.map(([count, [, cause]]) => `${count} 个${cause}`).join('，');
		return [
			`${first} of ${counted(before, 'customer')}${ofValid} are ${firstCause}${further}, ${limit[0]}`,
			`原有 ${before} 个客户，${chinese}，${limit[1]}`,
		];
	},
	tooMany: (changed: number, judged: number, sendable: number, limit: Message): Message => [
		`${changed} of ${judged} ${judged === sendable ? 'customers' : `compared customers, of ${sendable} in the rows,`} are new or changed, ${limit[0]}`,
		`比较的 ${judged} 个客户中 ${changed} 个新增或有变化，${limit[1]}`,
	],
	tooManyMoves: (moved: number, before: number, limit: Message): Message => [
		`${moved} of ${counted(before, 'device')} would move to another customer, ${limit[0]}`,
		`原有 ${before} 台设备，其中 ${moved} 台将换到另一个客户，${limit[1]}`,
	],
	fewerCustomers: (before: number, now: number, limit: Message): Message => [
		`The rows have ${counted(now, 'customer')}, those of the last run had ${before}: a drop ${limit[0]}`,
		`客户由 ${before} 个减少到 ${now} 个，${limit[1]}`,
	],
	/** @param normal the largest number of the last 14 days */
	fewerThanNormal: (noun: 'customer' | 'device', normal: number, now: number, limit: Message): Message => [
		`The rows have ${counted(now, noun)}, and up to ${normal} in the last 14 days: a drop ${limit[0]}`,
		`${noun === 'customer' ? '客户' : '设备'}从最近 14 天的最多 ${normal} 减少到 ${now}，${limit[1]}`,
	],
	missingDevices: (missing: number, before: number, limit: Message): Message => [
		`${missing} of ${counted(before, 'device')} of the last run ${missing === 1 ? 'is' : 'are'} in no row, ${limit[0]}`,
		`上次的 ${before} 台设备中有 ${missing} 台已不在任何数据行中，${limit[1]}`,
	],
	fewerDevices: (before: number, now: number, limit: Message): Message => [
		`The rows have ${now} devices, those of the last run had ${before}: a drop ${limit[0]}`,
		`设备由 ${before} 台减少到 ${now} 台，${limit[1]}`,
	],
	fewerProducts: (lost: number, before: number, devices: number): Message => [
		`Missing from the rows: ${lost} of ${counted(before, 'product name')} with at least ${devices} devices in the last run, which 'Stop When Devices Drop (%)' does not allow.`,
		`上次各有至少 ${devices} 台设备的 ${before} 个产品名称中有 ${lost} 个已不在数据中，Stop When Devices Drop (%) 不允许`,
	],
	// The label may have brackets itself, so it stands in quotes.
	above: (check: string, limit: number): Message => [
		`above the limit of ${limit} % in '${check}'.`,
		`超过 ${check} 的上限 ${limit} %`,
	],
};

const NO_CAUSE: Message = ['missing from the rows', '已不在数据中'];

/** The causes of too few customers, each with the customers to name and what to do. */
export const TOO_FEW = {
	missing: {
		what: NO_CAUSE,
		named: ['Still in the rows', '仍在数据中'],
		advice: [
			'Give Sync the rows of all customers in one run; push a few with the operation Push',
			'在一次运行中给出全部客户的数据行；只推送少数客户请用 Push',
		],
	},
	withoutDevice: {
		what: ['without a device', '没有设备'],
		named: ['Still in the rows', '仍在数据中'],
		advice: ['Check the query and its join with the devices', '检查查询及其与设备表的 JOIN'],
	},
} as const satisfies Record<string, Record<'what' | 'named' | 'advice', Message>>;

export const CHECK_ADVICE = {
	seeDryRun: [
		'The rows cannot be checked: look at a Dry Run. Every customer is sent once',
		'数据行无法检查：请先看 Dry Run。所有客户都会推送一次',
	],
	mapping: ['Correct the mapping or the rows', '修正映射或数据行'],
	query: ['Check the query and its joins', '检查查询及其 JOIN'],
	productNames: [
		'Check the query, its joins and the column of the product name',
		'检查查询、其 JOIN 和产品名称列',
	],
	changed: ['Changed', '有变化的客户'],
	moved: ['Moved', '换到另一个客户的设备'],
	again: [
		"Stopped again by the same check, without an 'Approved Plan': one set in the editor counts once it is published",
		'同一检查再次停止了运行，而 Approved Plan 为空：在编辑器中填写后须发布才生效',
	],
	otherPlan: [
		"Rows or sync state have changed since the plan in 'Approved Plan'",
		'数据行或同步状态与 Approved Plan 中的计划已不同',
	],
	raise: ['To allow as much in every run, raise that limit', '若每次运行都允许，请调高该上限'],
	stateUnchanged: ['The sync state is unchanged', '同步状态未变'],
} as const satisfies Record<string, Message>;

/** How a plan is approved in the node. */
export function approve(planId: string): Message {
	return [
		`If this is meant, set 'Approved Plan' under 'Safety Checks' to ${planId} and run again (in a published workflow, publish it first)`,
		`如果确实如此，把 Safety Checks 中的 Approved Plan 设为 ${planId}，再运行一次（已发布的工作流须先发布）`,
	];
}
