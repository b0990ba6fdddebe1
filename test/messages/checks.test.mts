import { describe } from '@jest/globals';
import { CHECKS, firstIds, someIds, withOthers } from '../../nodes/TencentCloudIot/messages/checks';
import { inCommas, inReasons, inSentences, ours, say } from '../../nodes/TencentCloudIot/messages/text';
import { testScenes } from './scenes.mts';

const { advice, causes } = CHECKS;
const limit = (check: string, percent: number) => CHECKS.above({ check: ours(check), limit: percent });
const dropped = limit('Stop When Customers Drop (%)', 20);
const droppedDevices = limit('Stop When Devices Drop (%)', 10);
const changed = limit('Stop Above (% Changed)', 30);

describe('Why a safety check stopped a run', () => {
	const missing = { count: 30, before: 100, cause: causes.missing.cause(), limit: dropped };
	const further = CHECKS.furtherCause({ count: 5, cause: causes.withoutDevice.cause() });
	testScenes(
		[
			[
				'the state is gone',
				() => CHECKS.stateLost(),
				"The sync state is lost: its Data Tables or rows were deleted, the workflow is in another project, n8n's database was reset, or a run was killed while it replaced the state.",
				'同步状态已丢失：数据表或其中的行被删除，工作流换了项目，n8n 的数据库被重置，或某次运行还没有写完状态就被终止',
			],
			[
				'the state is newer',
				() => CHECKS.otherVersion(),
				'Another version of this package left the sync state, in a format that this one cannot read.',
				'同步状态由本软件包的另一版本写入，当前版本无法读取其格式',
			],
			[
				'customers are missing',
				() => CHECKS.tooFew({ ...missing, valid: undefined, further: [] }),
				"30 of 100 customers are missing from the rows, above the limit of 20 % in 'Stop When Customers Drop (%)'.",
				'原有 100 个客户，30 个已不在数据中，超过 Stop When Customers Drop (%) 的上限 20 %',
			],
			[
				'some of them had invalid rows',
				() => CHECKS.tooFew({ ...missing, valid: 90, further: [] }),
				"30 of 100 customers, of which 90 had valid rows, are missing from the rows, above the limit of 20 % in 'Stop When Customers Drop (%)'.",
				'原有 100 个客户（其中 90 个数据有效），30 个已不在数据中，超过 Stop When Customers Drop (%) 的上限 20 %',
			],
			[
				'others have no device',
				() => CHECKS.tooFew({ ...missing, valid: undefined, further: [further] }),
				"30 of 100 customers are missing from the rows and 5 without a device, above the limit of 20 % in 'Stop When Customers Drop (%)'.",
				'原有 100 个客户，30 个已不在数据中，5 个没有设备，超过 Stop When Customers Drop (%) 的上限 20 %',
			],
			[
				'all of it',
				() => CHECKS.tooFew({ ...missing, valid: 90, further: [further] }),
				"30 of 100 customers, of which 90 had valid rows, are missing from the rows and 5 without a device, above the limit of 20 % in 'Stop When Customers Drop (%)'.",
				'原有 100 个客户（其中 90 个数据有效），30 个已不在数据中，5 个没有设备，超过 Stop When Customers Drop (%) 的上限 20 %',
			],
			[
				'the only customer has no device',
				() =>
					CHECKS.tooFew({
						count: 1,
						before: 1,
						valid: undefined,
						cause: causes.withoutDevice.cause(),
						further: [],
						limit: dropped,
					}),
				"1 of 1 customer is without a device, above the limit of 20 % in 'Stop When Customers Drop (%)'.",
				'原有 1 个客户，1 个没有设备，超过 Stop When Customers Drop (%) 的上限 20 %',
			],
			[
				'a customer is missing',
				() => CHECKS.tooFew({ ...missing, count: 1, valid: undefined, further: [] }),
				"1 of 100 customers is missing from the rows, above the limit of 20 % in 'Stop When Customers Drop (%)'.",
				'原有 100 个客户，1 个已不在数据中，超过 Stop When Customers Drop (%) 的上限 20 %',
			],
			[
				'a customer changed',
				() => CHECKS.tooMany({ changed: 1, judged: 100, limit: limit('Stop Above (% Changed)', 0.5) }),
				"1 of 100 customers is new or changed, above the limit of 0.5 % in 'Stop Above (% Changed)'.",
				'比较的 100 个客户中 1 个新增或有变化，超过 Stop Above (% Changed) 的上限 0.5 %',
			],
			[
				'customers changed',
				() => CHECKS.tooMany({ changed: 31, judged: 100, limit: changed }),
				"31 of 100 customers are new or changed, above the limit of 30 % in 'Stop Above (% Changed)'.",
				'比较的 100 个客户中 31 个新增或有变化，超过 Stop Above (% Changed) 的上限 30 %',
			],
			[
				'customers changed of those that were compared',
				() => CHECKS.tooManyOfCompared({ changed: 31, judged: 100, sendable: 1500, limit: changed }),
				"31 of 100 compared customers (1,500 are in the rows) are new or changed, above the limit of 30 % in 'Stop Above (% Changed)'.",
				'数据中有 1500 个客户，比较的 100 个中 31 个新增或有变化，超过 Stop Above (% Changed) 的上限 30 %',
			],
			[
				'devices move',
				() => CHECKS.tooManyMoves({ moved: 31, before: 100, limit: changed }),
				"31 of 100 devices would move to another customer, above the limit of 30 % in 'Stop Above (% Changed)'.",
				'原有 100 台设备，其中 31 台将换到另一个客户，超过 Stop Above (% Changed) 的上限 30 %',
			],
			[
				'customers are fewer',
				() => CHECKS.fewerCustomers({ now: 1, before: 2, limit: dropped }),
				"The rows have 1 customer, those of the last run had 2: a drop above the limit of 20 % in 'Stop When Customers Drop (%)'.",
				'客户由 2 个减少到 1 个，超过 Stop When Customers Drop (%) 的上限 20 %',
			],
			[
				'customers are fewer than two weeks ago',
				() => CHECKS.fewerCustomersThanLargest({ now: 900, largest: 1200, limit: dropped }),
				"The rows have 900 customers; in the last 14 days they had up to 1,200: a drop above the limit of 20 % in 'Stop When Customers Drop (%)'.",
				'客户从最近 14 天的最多 1200 个减少到 900 个，超过 Stop When Customers Drop (%) 的上限 20 %',
			],
			[
				'devices are fewer than two weeks ago',
				() => CHECKS.fewerDevicesThanLargest({ now: 1, largest: 1200, limit: changed }),
				"The rows have 1 device; in the last 14 days they had up to 1,200: a drop above the limit of 30 % in 'Stop Above (% Changed)'.",
				'设备从最近 14 天的最多 1200 台减少到 1 台，超过 Stop Above (% Changed) 的上限 30 %',
			],
			[
				'a device is missing',
				() => CHECKS.missingDevices({ missing: 1, before: 4, limit: droppedDevices }),
				"1 of 4 devices of the last run is in no row, above the limit of 10 % in 'Stop When Devices Drop (%)'.",
				'上次的 4 台设备中有 1 台已不在任何数据行中，超过 Stop When Devices Drop (%) 的上限 10 %',
			],
			[
				'devices are missing',
				() => CHECKS.missingDevices({ missing: 3, before: 4, limit: droppedDevices }),
				"3 of 4 devices of the last run are in no row, above the limit of 10 % in 'Stop When Devices Drop (%)'.",
				'上次的 4 台设备中有 3 台已不在任何数据行中，超过 Stop When Devices Drop (%) 的上限 10 %',
			],
			[
				'devices are fewer',
				() => CHECKS.fewerDevices({ now: 700, before: 1000, limit: droppedDevices }),
				"The rows have 700 devices, those of the last run had 1,000: a drop above the limit of 10 % in 'Stop When Devices Drop (%)'.",
				'设备由 1000 台减少到 700 台，超过 Stop When Devices Drop (%) 的上限 10 %',
			],
			[
				'a product is missing',
				() => CHECKS.fewerProducts({ lostProductCount: 1, before: 1, devices: 10 }),
				"Missing from the rows: 1 of 1 product name with at least 10 devices in the last run, which 'Stop When Devices Drop (%)' does not allow.",
				'数据中少了 1 个产品名称（上次有 1 个，各有至少 10 台设备），Stop When Devices Drop (%) 不允许',
			],
			[
				'products are missing',
				() => CHECKS.fewerProducts({ lostProductCount: 2, before: 3, devices: 10 }),
				"Missing from the rows: 2 of 3 product names with at least 10 devices in the last run, which 'Stop When Devices Drop (%)' does not allow.",
				'数据中少了 2 个产品名称（上次有 3 个，各有至少 10 台设备），Stop When Devices Drop (%) 不允许',
			],
			[
				'two checks',
				() =>
					CHECKS.all({
						reasons: inReasons([
							CHECKS.tooMany({ changed: 31, judged: 100, limit: changed }),
							CHECKS.tooManyMoves({ moved: 31, before: 100, limit: changed }),
						]),
					}),
				"31 of 100 customers are new or changed, above the limit of 30 % in 'Stop Above (% Changed)'. 31 of 100 devices would move to another customer, above the limit of 30 % in 'Stop Above (% Changed)'.",
				'比较的 100 个客户中 31 个新增或有变化，超过 Stop Above (% Changed) 的上限 30 %；原有 100 台设备，其中 31 台将换到另一个客户，超过 Stop Above (% Changed) 的上限 30 %',
			],
		],
		{ ...CHECKS, advice: undefined, causes: undefined },
	);
});

describe('The advice for too few customers', () => {
	const ids = firstIds(['a', 'b']);
	testScenes(
		[
			['customers are missing', () => causes.missing.cause(), 'missing from the rows', '已不在数据中'],
			[
				'the remaining customers',
				() => causes.missing.examples({ ids }),
				"Still in the rows: 'a', 'b'",
				'仍在数据中：a、b',
			],
			['the remaining customers, in a hint', () => causes.missing.examples({ ids }), '', '', 'hint'],
			[
				'give all of them',
				() => causes.missing.advice(),
				'Give Sync the rows of all customers in one run; push a few with the operation Push',
				'在一次运行中给出全部客户的数据行；只推送少数客户请用 Push',
			],
			['customers have no device', () => causes.withoutDevice.cause(), 'without a device', '没有设备'],
			[
				'those that have a device',
				() => causes.withoutDevice.examples({ ids }),
				"Still in the rows: 'a', 'b'",
				'仍在数据中：a、b',
			],
			['if no customer has a device', () => causes.withoutDevice.examples({ ids: firstIds([]) }), '', ''],
			[
				'look for the devices',
				() => causes.withoutDevice.advice(),
				'Check the query and its join with the devices',
				'检查查询及其与设备表的 JOIN',
			],
		],
		causes,
	);
});

describe('The advice after a stop', () => {
	const ids = firstIds(['a', 'b', 'c', 'd', 'e', 'f']);
	testScenes(
		[
			[
				'nothing can be compared',
				() => advice.seeDryRun(),
				'Without the sync state the rows cannot be checked, and every customer would be sent once: look at a Dry Run first',
				'没有同步状态就无法检查数据行，所有客户都会推送一次：请先看 Dry Run',
			],
			['too much has changed', () => advice.mapping(), 'Correct the mapping or the rows', '修正映射或数据行'],
			['too much is missing', () => advice.query(), 'Check the query and its joins', '检查查询及其 JOIN'],
			[
				'a product is missing',
				() => advice.productNames(),
				'Check the query, its joins and the column of the product name',
				'检查查询、其 JOIN 和产品名称列',
			],
			[
				'six customers have changed',
				() => advice.changed({ ids }),
				"New or changed: 'a', 'b', 'c', 'd', 'e' and others",
				'新增或有变化的客户：a、b、c、d、e 等',
			],
			['six customers have changed, with names off', () => advice.changed({ ids }), '', '', 'nameless'],
			['no customer has changed', () => advice.changed({ ids: firstIds([]) }), '', ''],
			[
				'a device moves',
				() => advice.moved({ ids: firstIds(["P/O'Neil"]) }),
				"Moved: 'P/O'Neil'",
				"换到另一个客户的设备：P/O'Neil",
			],
			[
				'the same check stops again',
				() => advice.again(),
				"The same check stopped the run again, and 'Approved Plan' is empty: what is set in the editor counts once it is published",
				'同一项检查再次停止了运行，而 Approved Plan 为空：在编辑器中填写之后，须发布才生效',
			],
			[
				'another plan was approved',
				() => advice.otherPlan(),
				'Rows or sync state have changed since the approved plan',
				'数据行或同步状态与已批准的计划已不同',
			],
			[
				'the limit should never stop a run',
				() => advice.raise(),
				'To allow as much in every run, raise that limit',
				'若每次运行都允许，请调高该上限',
			],
			[
				'the sync state was kept',
				() => advice.stateUnchanged(),
				'The sync state is unchanged',
				'同步状态未变',
			],
			[
				'it is meant',
				() => advice.approve({ planId: ours('K7PQ') }),
				"If this is meant, set 'Approved Plan' under 'Safety Checks' to K7PQ and run again (in a published workflow, publish it first)",
				'如果确实要这样改，把 Safety Checks 中的 Approved Plan 设为 K7PQ，再运行一次（已发布的工作流须先发布）',
			],
			[
				'all of it',
				() =>
					inSentences([
						advice.otherPlan(),
						advice.changed({ ids: firstIds(['a']) }),
						advice.mapping(),
						advice.approve({ planId: ours('K7PQ') }),
						advice.raise(),
						advice.stateUnchanged(),
					]),
				"Rows or sync state have changed since the approved plan. New or changed: 'a'. Correct the mapping or the rows. If this is meant, set 'Approved Plan' under 'Safety Checks' to K7PQ and run again (in a published workflow, publish it first). To allow as much in every run, raise that limit. The sync state is unchanged",
				'数据行或同步状态与已批准的计划已不同。新增或有变化的客户：a。修正映射或数据行。如果确实要这样改，把 Safety Checks 中的 Approved Plan 设为 K7PQ，再运行一次（已发布的工作流须先发布）。若每次运行都允许，请调高该上限。同步状态未变',
			],
		],
		advice,
	);
});

describe('A list of ids', () => {
	const LIST = say('Customers{? ({ids})}', '客户{?（{ids}）}');
	const ofCount = (count: number) => ['a', 'b', 'c', 'd', 'e', 'f'].slice(0, count);
	testScenes([
		['none', () => LIST({ ids: someIds([]) }), 'Customers', '客户'],
		['no names, although there are customers', () => LIST({ ids: someIds([], 7) }), 'Customers', '客户'],
		['one', () => LIST({ ids: someIds(ofCount(1)) }), "Customers ('a')", '客户（a）'],
		['three', () => LIST({ ids: someIds(ofCount(3)) }), "Customers ('a', 'b', 'c')", '客户（a、b、c）'],
		[
			'four are cut',
			() => LIST({ ids: someIds(ofCount(4)) }),
			"Customers ('a', 'b', 'c' and others)",
			'客户（a、b、c 等）',
		],
		[
			'one of many',
			() => LIST({ ids: someIds(ofCount(1), 20_000) }),
			"Customers ('a' and others)",
			'客户（a 等）',
		],
		['two equal ones', () => LIST({ ids: someIds(['a', 'a']) }), "Customers ('a')", '客户（a）'],
		[
			'with signs',
			() => LIST({ ids: someIds(["O'Neil", '<b>*x*</b>']) }),
			"Customers ('O'Neil', '<b>*x*</b>')",
			"客户（O'Neil、<b>*x*</b>）",
		],
		['in a hint', () => LIST({ ids: someIds(ofCount(3)) }), 'Customers', '客户', 'hint'],
		['with names off', () => LIST({ ids: someIds(ofCount(3)) }), 'Customers', '客户', 'nameless'],
		[
			'five of a check',
			() => LIST({ ids: firstIds(ofCount(5)) }),
			"Customers ('a', 'b', 'c', 'd', 'e')",
			'客户（a、b、c、d、e）',
		],
		[
			'six of a check are cut',
			() => LIST({ ids: firstIds(ofCount(6)) }),
			"Customers ('a', 'b', 'c', 'd', 'e' and others)",
			'客户（a、b、c、d、e 等）',
		],
		[
			'others',
			() => LIST({ ids: withOthers(inCommas([ours('a')]), true) }),
			'Customers (a and others)',
			'客户（a 等）',
		],
		[
			'no others',
			() => LIST({ ids: withOthers(inCommas([ours('a')]), false) }),
			'Customers (a)',
			'客户（a）',
		],
	]);
});
