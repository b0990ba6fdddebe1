import { type Fact, inCommas, inQuotes, ofRows, ours, say, sayReason, type Text } from './text';

/** Why a safety check stopped a run: each cause with its numbers and the limit. */
export const CHECKS = {
	stateLost: sayReason(
		"The sync state is lost: its Data Tables or rows were deleted, the workflow is in another project, n8n's database was reset, or a run was killed while it replaced the state",
		'同步状态已丢失：数据表或其中的行被删除，工作流换了项目，n8n 的数据库被重置，或某次运行还没有写完状态就被终止',
	),
	otherVersion: sayReason(
		'Another version of this package left the sync state, in a format that this one cannot read',
		'同步状态由本软件包的另一版本写入，当前版本无法读取其格式',
	),
	tooFew: sayReason(
		'{count} of {before:customer}{?, of which {valid} had valid rows,} {count|is|are} {cause}{? and {further}}, {limit}',
		'原有 {before} 个客户{?（其中 {valid} 个数据有效）}，{count} 个{cause}{?，{further}}，{limit}',
	),
	tooMany: sayReason(
		'{changed} of {judged:customer} {changed|is|are} new or changed, {limit}',
		'比较的 {judged} 个客户中 {changed} 个新增或有变化，{limit}',
	),
	tooManyOfCompared: sayReason(
		'{changed} of {judged} compared customers ({sendable} are in the rows) {changed|is|are} new or changed, {limit}',
		'数据中有 {sendable} 个客户，比较的 {judged} 个中 {changed} 个新增或有变化，{limit}',
	),
	tooManyMoves: sayReason(
		'{moved} of {before:device} would move to another customer, {limit}',
		'原有 {before} 台设备，其中 {moved} 台将换到另一个客户，{limit}',
	),
	fewerCustomers: sayReason(
		'The rows have {now:customer}, those of the last run had {before}: a drop {limit}',
		'客户由 {before} 个减少到 {now} 个，{limit}',
	),
	/** The fact `largest` is the largest number of customers of the last 14 days. */
	fewerCustomersThanLargest: sayReason(
		'The rows have {now:customer}; in the last 14 days they had up to {largest}: a drop {limit}',
		'客户从最近 14 天的最多 {largest} 个减少到 {now} 个，{limit}',
	),
	fewerDevicesThanLargest: sayReason(
		'The rows have {now:device}; in the last 14 days they had up to {largest}: a drop {limit}',
		'设备从最近 14 天的最多 {largest} 台减少到 {now} 台，{limit}',
	),
	missingDevices: sayReason(
		'{missing} of {before:device} of the last run {missing|is|are} in no row, {limit}',
		'上次的 {before} 台设备中有 {missing} 台已不在任何数据行中，{limit}',
	),
	fewerDevices: sayReason(
		'The rows have {now:device}, those of the last run had {before}: a drop {limit}',
		'设备由 {before} 台减少到 {now} 台，{limit}',
	),
	fewerProducts: sayReason(
		"Missing from the rows: {lostProductCount} of {before:product name} with at least {devices:device} in the last run, which 'Stop When Devices Drop (%)' does not allow",
		'数据中少了 {lostProductCount} 个产品名称（上次有 {before} 个，各有至少 {devices} 台设备），Stop When Devices Drop (%) 不允许',
	),
	/** Joins the reasons of several checks. */
	all: sayReason('{reasons}', '{reasons}'),
	// The check's label may contain brackets, so quotes set it off.
	above: say("above the limit of {limit} % in '{check}'", '超过 {check} 的上限 {limit} %'),
	/** The causes of too few customers, each with the customers to name and what to do. */
	causes: {
		missing: {
			cause: say('missing from the rows', '已不在数据中'),
			examples: say('{?Still in the rows: {ids}}', '{?仍在数据中：{ids}}'),
			advice: say(
				'Give Sync the rows of all customers in one run; push a few with the operation Push',
				'在一次运行中给出全部客户的数据行；只推送少数客户请用 Push',
			),
		},
		withoutDevice: {
			cause: say('without a device', '没有设备'),
			examples: say('{?Still in the rows: {ids}}', '{?仍在数据中：{ids}}'),
			advice: say('Check the query and its join with the devices', '检查查询及其与设备表的 JOIN'),
		},
	},
	/** A further cause of too few customers. */
	furtherCause: say('{count} {cause}', '{count} 个{cause}'),
	advice: {
		seeDryRun: say(
			'Without the sync state the rows cannot be checked, and every customer would be sent once: look at a Dry Run first',
			'没有同步状态就无法检查数据行，所有客户都会推送一次：请先看 Dry Run',
		),
		mapping: say('Correct the mapping or the rows', '修正映射或数据行'),
		query: say('Check the query and its joins', '检查查询及其 JOIN'),
		productNames: say(
			'Check the query, its joins and the column of the product name',
			'检查查询、其 JOIN 和产品名称列',
		),
		changed: say('{?New or changed: {ids}}', '{?新增或有变化的客户：{ids}}'),
		moved: say('{?Moved: {ids}}', '{?换到另一个客户的设备：{ids}}'),
		again: say(
			"The same check stopped the run again, and 'Approved Plan' is empty: what is set in the editor counts once it is published",
			'同一项检查再次停止了运行，而 Approved Plan 为空：在编辑器中填写之后，须发布才生效',
		),
		otherPlan: say(
			'Rows or sync state have changed since the approved plan',
			'数据行或同步状态与已批准的计划已不同',
		),
		raise: say('To allow as much in every run, raise that limit', '若每次运行都允许，请调高该上限'),
		stateUnchanged: say('The sync state is unchanged', '同步状态未变'),
		/** How to approve a plan in the panel of the node. */
		approve: say(
			"If this is meant, set 'Approved Plan' under 'Safety Checks' to {planId} and run again (in a published workflow, publish it first)",
			'如果确实要这样改，把 Safety Checks 中的 Approved Plan 设为 {planId}，再运行一次（已发布的工作流须先发布）',
		),
	},
};

/** The most ids of customers or devices that a sentence names. */
const MOST_IDS_IN_SENTENCE = 3;

/** The most ids of customers or devices that the message about a safety check names. */
const MOST_IDS_OF_CHECK = 5;

/** Like `someIds`, with as many ids as the message about a safety check names. */
export function firstIds(ids: readonly string[]): Fact {
	return someIds(ids, ids.length, MOST_IDS_OF_CHECK);
}

/**
 * The first ids of customers or devices, as a fact that only readers of the rows see: "'a', 'b', 'c' and others". Undefined for an empty list.
 */
export function someIds(ids: readonly string[], total = ids.length, most = MOST_IDS_IN_SENTENCE): Fact {
	if (ids.length === 0) {
		return undefined;
	}
	const first = ids.slice(0, most);
	const named = inCommas(inQuotes(first.map((id) => ours(id))));
	return ofRows(withOthers(named, total > first.length));
}

/** Appends "and others" if there are more ids than the text names. */
export function withOthers(named: Text, areOthers: boolean): Text {
	return areOthers ? AND_OTHERS({ ids: named }) : named;
}

const AND_OTHERS = say('{ids} and others', '{ids} 等');
