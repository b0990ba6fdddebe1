import { describe, expect, test } from '@jest/globals';
import { because, ELSEWHERE } from '../../../nodes/TencentCloudIot/messages/findings';
import { auditOperation } from '../../../nodes/TencentCloudIot/resources/deviceBinding/audit.operation';
import { pushOperation } from '../../../nodes/TencentCloudIot/resources/deviceBinding/push.operation';
import { getDevice } from '../../../nodes/TencentCloudIot/resources/device/get.operation';
import { getManyDevices } from '../../../nodes/TencentCloudIot/resources/device/getMany.operation';
import { createOrder } from '../../../nodes/TencentCloudIot/resources/order/create.operation';
import { dryRun } from '../../../nodes/TencentCloudIot/run/preview';
import type { Plan, Run, Selection } from '../../../nodes/TencentCloudIot/run/run';
import { reportRun } from '../../../nodes/TencentCloudIot/run/report/runReport';
import { hints } from '../../../nodes/TencentCloudIot/run/report/summary';
import type { RunResult } from '../../../nodes/TencentCloudIot/run/report/result';
import { tallyRun } from '../../../nodes/TencentCloudIot/run/report/result';
import type { Fate } from '../../../nodes/TencentCloudIot/service/fate';
import { notSent, type Failure } from '../../../nodes/TencentCloudIot/service/outcome';
import { classifyTransportError } from '../../../nodes/TencentCloudIot/service/transportError';
import { SafetyChecks } from '../../../nodes/TencentCloudIot/sync/safetyChecks';
import type { Verdict } from '../../../nodes/TencentCloudIot/sync/verdicts';
import { failureWith } from '../../support/failures.mts';
import { answered, OK } from '../../support/fates.mts';
import { refusedBy } from '../../support/httpResponse.mts';
import { customer, resultWith, withheldOf } from '../../support/runResults.mts';
import { ofRows, ours } from '../../../nodes/TencentCloudIot/messages/text';
import { ADVICE } from '../../../nodes/TencentCloudIot/messages/reasons';

const COUNTS = { customers: 100, withheld: 0, leftOut: 0, devices: 100, products: 0 };
const MISSING = {
	before: COUNTS,
	now: { ...COUNTS, customers: 40 },
	missing: { customers: 60, sendable: 60, withoutDevice: 0, devices: 0 },
	foundProductCount: 0,
};
const CHECKS = new SafetyChecks({ stopAbovePercent: 50, stopWhenDevicesDropPercent: 3, approvedPlan: '' });
const IDS = Array.from({ length: 58 }, (_, index) => `x${index}`);
/** The stop of a run whose rows do not pass the checks. */
function stopFor(rows: Partial<Parameters<SafetyChecks['findTripped']>[0]>) {
	const nothing = { comparedCustomers: { comparedCount: 0, changedIds: [] }, moves: [], exampleIds: [] };
	const tripped = CHECKS.findTripped({ counts: MISSING, ...nothing, ...rows });
	expect(tripped).toHaveLength(1);
	return SafetyChecks.makeStop([tripped[0]!], 'q3BzX0yAf9LmK2dV');
}
/** The hint, followed by its reasons, one per line. */
const hintOf = (changes: Partial<RunResult>) => {
	const { message, reasons } = hints.ofRun(tallyRun(resultWith(changes)), 'hint', 1);
	return [message, ...reasons].join('\n· ');
};
/** A row with a finding for each option that would mend it. */
const mendable = (itemIndex: number, ...mends: Array<'split' | 'digits' | 'allow' | undefined>) => {
	const held = withheldOf('h');
	return {
		...held,
		findings: mends.map((mend) => {
			const finding = { ...held.findings[0]!, itemIndex };
			return mend === undefined ? finding : { ...finding, mend };
		}),
	};
};
const refused = answered(failureWith({ outcome: 'REFUSED' }));
const unclear = answered(failureWith({ outcome: 'UNKNOWN' }));
const notTried = { kind: 'notTried' as const, why: failureWith({ outcome: 'NOT_SENT' }) };
const timeOver = failureWith({
	outcome: 'NOT_SENT',
	code: 'TIME_OVER',
	reason: "The run reached its time limit, 'Longest Run (Minutes)'.",
});

test('A hint shows at most seven digits of a phone number in a device name', () => {
	const shared = because('shared', { customer: ofRows('x'), row: ELSEWHERE.row(8) });
	const findings = [{ itemIndex: 4, field: 'DeviceId', value: 'P/13712345678', ...shared }];
	const hint = hintOf({ withheld: [{ ...withheldOf('h'), findings }] });
	expect(hint).toContain("('P/137****5678')");
	expect(hint).not.toContain('13712345678');
});

describe('The execution hint of Push', () => {
	const push = (changes: Partial<RunResult>) => hintOf({ sync: undefined, ...changes });

	test.each<[string, Partial<RunResult>]>([
		['1 customer, 2 devices pushed', {}],
		[
			'1 of 4 customers, 2 devices pushed; 1 refused (nothing was changed); 1 unclear (Tencent may or may not have applied it); 1 not sent. Advice\n· rows 1 and 2: Reason',
			{
				calls: [
					customer(),
					customer({ fate: refused }),
					customer({ fate: unclear }),
					customer({ fate: notTried }),
				],
			},
		],
		[
			"1 of 2 customers, 2 devices pushed; 1 row invalid (not sent). Correct 'DeviceId' and try again\n· row 5: 'DeviceId' is empty",
			{ withheld: [withheldOf('h'), withheldOf('a'), withheldOf(undefined)] },
		],
		[
			"1 of 2 customers, 2 devices pushed; 1 row invalid (not sent). Correct 'DeviceId' and try again. Row Handling can fix this row: Several Devices in a Cell → Split\n· row 5: 'DeviceId' is empty",
			{ withheld: [mendable(4, 'split')] },
		],
		[
			"1 of 2 customers, 2 devices pushed; 2 rows invalid (not sent). Choose Unusual Customer IDs → Allow and try again\n· rows 5 and 6: 'DeviceId' is empty",
			{ withheld: [mendable(4, 'allow'), mendable(5, 'allow')] },
		],
		[
			"1 of 2 customers, 2 devices pushed; 2 rows invalid (not sent). Correct 'DeviceId' in 2 rows and try again. Row Handling can fix 1 of these 2 rows: Unusual Customer IDs → Allow\n· rows 5 and 6: 'DeviceId' is empty",
			{ withheld: [mendable(4, 'allow'), mendable(5, undefined)] },
		],
		[
			"1 of 2 customers, 2 devices pushed; 3 rows invalid (not sent). Correct 'DeviceId' in 3 rows and try again. Row Handling can fix 2 of these 3 rows: Several Devices in a Cell → Split, Phone Numbers as IDs → Digits Only\n· rows 5, 6 and 7: 'DeviceId' is empty",
			{
				withheld: [mendable(4, 'split'), mendable(5, 'split', 'digits'), mendable(6, 'split', undefined)],
			},
		],
		[
			"1 of 2 customers, 2 devices pushed; 2 rows invalid (not sent). Correct 'DeviceId' in 2 rows and try again. Row Handling can fix 1 of these 2 rows: Several Devices in a Cell → Split\n· rows 5 and 6: 'DeviceId' is empty",
			{ withheld: [mendable(4, 'split'), mendable(5, undefined, 'split')] },
		],
		[
			"1 of 2 customers, 2 devices pushed; 1 not sent: already pushed with other devices. Give the node all in one run: put it outside the loop, and join branches with a Merge node. If each run has all, choose Allow under 'Same Customer in Several Runs'",
			{ withheld: [{ ...withheldOf('h'), refusal: notSent('OTHER_SET_EARLIER', { whole: ours('all') }) }] },
		],
		[
			"1 customer, 2 devices pushed; set 'Nested Value Signing' in the credential to 'Go Format' to save requests in each run",
			{
				acceptedScheme: 'goFmt',
				isSchemeDetected: true,
				detectionRequests: 1,
				calls: [customer({ fate: answered(OK, 2) })],
			},
		],
		[
			'1 customer, 2 devices pushed',
			{ acceptedScheme: 'goFmt', isSchemeDetected: false, detectionRequests: 1 },
		],
		// An earlier run of this process detected it, so this run made no request for it.
		['1 customer, 2 devices pushed', { acceptedScheme: 'goFmt', isSchemeDetected: true }],
		[
			'1 customer, 2 devices pushed',
			{ acceptedScheme: 'json', isSchemeDetected: true, detectionRequests: 1 },
		],
		[
			"1 customer, 2 devices pushed; this server's clock is 420 seconds off",
			{ acceptedScheme: 'json', isSchemeDetected: true, detectionRequests: 1, clockOffsetMs: 420_000 },
		],
		['1 customer, 2 devices pushed', { rowCount: 500_000 }],
		[
			'1 customer, 2 devices pushed; n8n keeps all 500,001 rows on its heap, where a million take about 1 GB: split them by customer into several runs',
			{ rowCount: 500_001 },
		],
	])('%s', (hint, changes) => {
		expect(push(changes)).toBe(hint);
	});
});

describe('The execution hint of an operation that pushes no full sets', () => {
	const done = customer({ verdict: undefined });
	const unclearCall = customer({ verdict: undefined, fate: unclear });

	// A read cannot have been applied.
	test.each<[string, RunResult['operation'], RunResult['calls']]>([
		['2 of 3 devices read; 1 unclear. Advice', getDevice, [done, done, unclearCall]],
		['7 devices found by 2 of 3 requests; 1 unclear. Advice', getManyDevices, [done, done, unclearCall]],
		[
			'1 of 2 orders created; 1 unclear (Tencent may or may not have applied it). Advice',
			createOrder,
			[done, unclearCall],
		],
		['nothing was compared; 1 unclear. Advice', auditOperation, [unclearCall]],
	])('%s', (hint, operation, calls) => {
		const run = tallyRun(resultWith({ sync: undefined, operation, calls }));
		expect(hints.ofRun(run, 'hint', 7).message).toBe(hint);
	});
});

describe('The execution hint of a Dry Run', () => {
	const sync = resultWith().sync!;
	const plan = { calls: [customer().call, customer({ id: 'b' }).call], withheld: [] };
	const tripped = failureWith({
		outcome: 'NOT_SENT',
		scope: 'run',
		reason: 'Too many changes.',
		advice: 'Check the mapping',
	});

	test.each<[string, Partial<Selection>]>([
		['2 customers, 4 devices: 2 requests, about 1 s at 5 requests per second', {}],
		['1 customer, 2 devices: 1 request, about 1 s at 5 requests per second; 1 unchanged', { sendOrder: [1] }],
		[
			'2 customers, 4 devices: 2 requests, about 1 s at 5 requests per second; this is the first run of the node, so every customer is sent',
			{ facts: { ...sync, stateCondition: 'empty' } },
		],
		[
			'1 customer, 2 devices: 1 request, about 1 s at 5 requests per second; 1 unchanged; another run of this node is active or was interrupted: the customers that it may have sent are sent again',
			{ sendOrder: [1], facts: { ...sync, stateCondition: 'interrupted' } },
		],
		['There is nothing to send; 2 unchanged', { sendOrder: [], facts: { ...sync, stateCondition: 'lost' } }],
		[
			'A run would send nothing: Too many changes. The plan is 2 customers, 4 devices: 2 requests, about 1 s at 5 requests per second; 1 customer is no longer in the rows; Tencent keeps its devices. Check the mapping',
			{ blocked: tripped, facts: { ...sync, stateCondition: 'lost', gone: 1 } },
		],
	])('Dry run: nothing was sent. %s', (hint, selection) => {
		const run = {
			execution: { timezone: 'Asia/Shanghai' },
			operation: pushOperation,
			items: [],
			options: { requestsPerSecond: 5 },
		};
		const wholePlan = { sendOrder: [0, 1], blocked: undefined, ...selection };
		const preview = dryRun.preview(run as unknown as Run, plan as unknown as Plan, wholePlan);
		expect(hints.ofDryRun(preview, 'hint').message).toBe(`Dry run: nothing was sent. ${hint}`);
	});
});

describe('The execution hint of Sync', () => {
	const ofVerdict = (verdict: Verdict, fate: Fate = answered(OK)) => customer({ verdict, fate });
	const unchanged = ofVerdict('unchanged', { kind: 'unchanged' });
	const sync = resultWith().sync!;

	test.each<[string, Partial<RunResult>]>([
		[
			'5 customers are up to date, 3 pushed now (6 devices); 1 re-pushed on schedule',
			{ calls: [ofVerdict('changed'), ofVerdict('waiting'), ofVerdict('due'), unchanged, unchanged] },
		],
		[
			"0 of 2 customers pushed; 2 customers left for the next run: The run reached its time limit, 'Longest Run (Minutes)'",
			{
				calls: Array.from({ length: 2 }, () => ofVerdict('changed', { kind: 'postponed', why: timeOver })),
				endedEarly: timeOver,
			},
		],
		[
			'2 customers are up to date, 2 pushed now (4 devices)',
			{ sync: { ...sync, sendAll: true }, calls: [ofVerdict('changed'), ofVerdict('unchanged')] },
		],
	])('%s', (hint, changes) => {
		expect(hintOf(changes)).toBe(hint);
	});

	test.each<[string, Partial<NonNullable<RunResult['sync']>>]>([
		[
			'the last run had another App Key or endpoint, so every customer is sent',
			{ stateCondition: 'otherAccount' },
		],
		[
			'the App Secret has changed since the last run, so every customer is sent',
			{ stateCondition: 'otherSecret' },
		],
		[
			'there is no sync state because the workflow is not saved, so every customer is sent',
			{ stateCondition: 'none' },
		],
		[
			'another run has taken over, or somebody deleted the row of this Sync, so a later run repeats the customers that this run may have sent since its last heartbeat',
			{ notKept: { kind: 'takenOver', isReportStored: false, tookMs: 20 } },
		],
		[
			"the sync state could not be kept (A Data Table in this project ('tencent_iot_sync', 'tencent_iot_state' or one of the log) has other columns than Sync's), so the next run repeats the customers that were sent last",
			{ notKept: { kind: 'unknown', isReportStored: false, tookMs: 20, whyUnusable: 'otherColumns' } },
		],
	])('says that %s', (why, changes) => {
		const done = '1 customer is up to date, 1 pushed now (2 devices)';
		expect(hintOf({ sync: { ...sync, ...changes } })).toBe(`${done}; ${why}`);
	});

	test('says what to do before there are too many rows', () => {
		expect(hintOf({ rowCount: 2_000_000 })).toMatch(
			/; n8n keeps all 2,000,000 rows on its heap, where a million take about 1 GB: run copies of the workflow, each with a part/,
		);
	});
});

describe('The sentences about a run have the same facts in both languages: headline, details, what to do.', () => {
	const sync = resultWith().sync!;
	const reset = answered(classifyTransportError({ kind: 'CONNECTION_REFUSED', written: false }));
	const notTried = (endedBy: Failure): Fate => ({
		kind: 'notTried',
		why: { ...notSent('NOT_TRIED', endedBy), endedBy },
	});
	const none = notSent('NO_RESPONSE', { requests: 3 });
	const outage = {
		calls: ['a', 'b', 'c', 'd'].map((id, index) =>
			customer({ id, itemIndexes: [index], fate: index < 3 ? reset : notTried(none) }),
		),
	};
	const wrongHost = classifyTransportError({ kind: 'DNS_NOT_FOUND', written: false });
	const noId = answered(refusedBy('InvalidParameterValue', 'CustomerId 无效'));
	const cut = {
		...classifyTransportError({ kind: 'CONNECTION_RESET', written: true }),
		advice: ADVICE.tryAgain(),
	};
	const shared = (itemIndex: number, other: string) => ({
		...withheldOf(`w${itemIndex}`),
		findings: [
			{
				itemIndex,
				field: 'DeviceId',
				...because('shared', { customer: ofRows(other), row: ELSEWHERE.row(8) }),
			},
		],
	});

	test.each<[string, Partial<RunResult>, string, string]>([
		[
			'an outage: the failure of the requests is the headline, and the next run sends the rest',
			outage,
			"Sync is failing (NO_RESPONSE): The endpoint refused the connection. None of the first 3 requests got a clear response. 0 of 4 customers pushed; 4 not sent. Nothing has to be done now: the next run sends the rest. If this lasts for an hour: Check the endpoint in the credential and this server's network.",
			'Sync 失败（NO_RESPONSE）：接口地址拒绝连接；最初的 3 个请求均未得到明确的响应。4 个客户均未推送；4 个未发送。暂无需处理：下次运行会推送其余客户。若持续一小时：检查凭证中的接口地址和本机的网络。',
		],
		[
			'an unclear request: the next run repeats it, and what to check if the failure lasts',
			{ calls: [customer({ fate: answered(cut) }), customer({ id: 'b', fate: { kind: 'unchanged' } })] },
			"Sync is degraded: 1 customer newly failed ('a'); 1 of 2 customers is up to date, 0 pushed now; 1 unclear (Tencent may or may not have applied it); rows 1 and 2: The connection closed before a complete response arrived. Nothing has to be done now: the next run sends the rest. If this lasts for an hour: Check this server's network and its proxy, and ask Tencent whether the service is down.",
			'Sync 部分异常：1 个客户本次开始失败（a）；2 个客户中 1 个已是最新，本次推送 0 个；1 个结果不明（腾讯云可能已应用）；第 1、2 行：连接在收到完整响应之前中断。暂无需处理：下次运行会推送其余客户。若持续一小时：检查本机的网络和代理，并向腾讯云确认服务是否故障。',
		],
		[
			'an error of the service: whom to tell if it lasts, and where to find the RequestId',
			{
				calls: [
					customer({ fate: answered(refusedBy('InternalError', '')) }),
					customer({ id: 'b', fate: { kind: 'unchanged' } }),
				],
			},
			"Sync is degraded: 1 customer newly failed ('a'); 1 of 2 customers is up to date, 0 pushed now; 1 unclear (Tencent may or may not have applied it); rows 1 and 2: Tencent responded with InternalError. Nothing has to be done now: the next run sends the rest. If this lasts for an hour: Give the RequestId, which the error item and Get Receipts have, to Tencent Cloud support.",
			'Sync 部分异常：1 个客户本次开始失败（a）；2 个客户中 1 个已是最新，本次推送 0 个；1 个结果不明（腾讯云可能已应用）；第 1、2 行：腾讯云返回 InternalError。暂无需处理：下次运行会推送其余客户。若持续一小时：请把 RequestId 提供给腾讯云客服，错误输出项和 Get Receipts 中都有。',
		],
		[
			'a wrong join, with the correction before the plan',
			{
				calls: [],
				withheld: [shared(0, 'x'), shared(1, 'y')],
				blocked: stopFor({ exampleIds: ['w0', 'w1'] }),
			},
			"Sync is failing (TOO_FEW_CUSTOMERS): 60 of 100 customers are missing from the rows, above the limit of 50 % in 'Stop Above (% Changed)'. Nothing was sent. 2 rows invalid (not sent); rows 1 and 2: 'DeviceId' is also under customer '…' in another row. Still in the rows: 'w0', 'w1'. Give Sync the rows of all customers in one run; push a few with the operation Push. If this is meant, approve plan q3BzX0yAf9LmK2dV: in the approval form, or by 'Approved Plan' in the node.",
			'Sync 失败（TOO_FEW_CUSTOMERS）：原有 100 个客户，60 个已不在数据中，超过 Stop Above (% Changed) 的上限 50 %；未发送任何内容。2 行数据无效（未发送）；第 1、2 行：DeviceId 在另一行也属于客户“…”。仍在数据中：w0、w1。在一次运行中给出全部客户的数据行；只推送少数客户请用 Push。如果确实要这样改，请批准计划 q3BzX0yAf9LmK2dV：在审批表单中批准，或填入节点的 Approved Plan。',
		],
		[
			'a manual run does not refer to the next run',
			{ ...outage, sync: { ...sync, isManual: true } },
			"Sync is failing (NO_RESPONSE): The endpoint refused the connection. None of the first 3 requests got a clear response. 0 of 4 customers pushed; 4 not sent. Check the endpoint in the credential and this server's network.",
			'Sync 失败（NO_RESPONSE）：接口地址拒绝连接；最初的 3 个请求均未得到明确的响应。4 个客户均未推送；4 个未发送。检查凭证中的接口地址和本机的网络。',
		],
		[
			'a wrong host needs a correction now',
			{ calls: [customer({ fate: answered(wrongHost) }), customer({ id: 'b', fate: notTried(wrongHost) })] },
			"Sync is failing (DNS_NOT_FOUND): The host name of the endpoint was not found. 0 of 2 customers pushed; 2 not sent. Check the endpoint in the credential and this server's network.",
			'Sync 失败（DNS_NOT_FOUND）：找不到接口地址的主机名。2 个客户均未推送；2 个未发送。检查凭证中的接口地址和本机的网络。',
		],
		[
			'new failures before old ones, and the three most frequent reasons with their rows',
			{
				calls: [
					customer({ id: 'a', itemIndexes: [1], fate: noId }),
					customer({ id: 'old', itemIndexes: [0], fate: noId, verdict: 'failed' }),
					customer({ id: 'c', itemIndexes: [2, 3] }),
				],
				withheld: [withheldOf('h')],
				sync: { ...sync, reportedFailures: new Set(['old']) },
			},
			"Sync is failing: 2 customers newly failed ('a', 'h'); 1 other failed; 1 of 4 customers is up to date, 1 pushed now (2 devices); 2 refused (nothing was changed); 1 row invalid (not sent); rows 1 and 2: Tencent responded with InvalidParameterValue: CustomerId 无效 (CustomerId is not valid); row 5: 'DeviceId' is empty. Correct what Tencent names. Correct 'DeviceId' and try again.",
			'Sync 失败：2 个客户本次开始失败（a、h）；另有 1 个客户失败；4 个客户中 1 个已是最新，本次推送 1 个（2 台设备）；2 个被拒绝（没有任何更改）；1 行数据无效（未发送）；第 1、2 行：腾讯云返回 InvalidParameterValue：CustomerId 无效；第 5 行：DeviceId 为空。修正腾讯云指出的内容。修正 1 行中的 DeviceId。',
		],
		[
			'as still failed only those that a report has named and that have not recovered since',
			{
				calls: [
					customer({ id: 'a', itemIndexes: [0], fate: refused, verdict: 'failed' }),
					customer({ id: 'b', itemIndexes: [1], fate: refused }),
					customer({ id: 'c', itemIndexes: [2], fate: answered(failureWith({ outcome: 'NOT_SENT' })) }),
					...['d', 'e', 'f'].map((id) => customer({ id })),
				],
				sync: { ...sync, reportedFailures: new Set(['a', 'b']), recentlyRecovered: new Set(['b']) },
			},
			'Sync is degraded: 1 customer still failed; 3 of 6 customers are up to date, 3 pushed now (6 devices); 2 refused (nothing was changed); 1 not sent; rows 1, 2 and 3: Reason. Nothing has to be done now: the next run sends the rest. If this lasts for an hour: Advice.',
			'Sync 部分异常：1 个客户仍然失败；6 个客户中 3 个已是最新，本次推送 3 个（6 台设备）；2 个被拒绝（没有任何更改）；1 个未发送；第 1、2、3 行：原因。暂无需处理：下次运行会推送其余客户。若持续一小时：建议。',
		],
		[
			'customers that are gone, after an interrupted run',
			{ sync: { ...sync, stateCondition: 'interrupted', gone: 2 } },
			'Sync is ok: 1 customer is up to date, 1 pushed now (2 devices); the previous run was interrupted, so the customers that it may have sent are sent again; 2 customers are no longer in the rows; Tencent keeps their devices.',
			'Sync 正常：1 个客户中 1 个已是最新，本次推送 1 个（2 台设备）；上次运行中断，可能已推送的客户会再次推送；2 个客户已不在数据中，其设备在腾讯侧仍然保留。',
		],
		[
			'a state that may not have been stored',
			{ sync: { ...sync, notKept: { kind: 'unknown', isReportStored: false, tookMs: 4630 } } },
			"Sync is degraded: 1 customer is up to date, 1 pushed now (2 devices); n8n's database did not respond within 4.6 s, so it is not known whether the sync state was kept; if not, the next run repeats the customers that were sent last.",
			'Sync 部分异常：1 个客户中 1 个已是最新，本次推送 1 个（2 台设备）；n8n 的数据库在 4.6 秒内没有响应，不确定同步状态是否已保存；若未保存，下次运行会再次推送最后推送的那些客户。',
		],
		[
			'a Push with rows that an option mends',
			{ sync: undefined, withheld: [mendable(4, 'split', 'digits'), mendable(5, undefined)] },
			"Push is degraded: 1 of 2 customers, 2 devices pushed; 2 rows invalid (not sent); rows 5 and 6: 'DeviceId' is empty. Correct 'DeviceId' in 2 rows and try again. Row Handling can fix 1 of these 2 rows: Several Devices in a Cell → Split, Phone Numbers as IDs → Digits Only.",
			'Push 部分异常：2 个客户中已推送 1 个，共 2 台设备；2 行数据无效（未发送）；第 5、6 行：DeviceId 为空。修正 2 行中的 DeviceId。Row Handling 可处理这 2 行中的 1 行：Several Devices in a Cell → Split、Phone Numbers as IDs → Digits Only。',
		],
	])('%s', (_, changes, Summary, SummaryZh) => {
		const run = tallyRun(resultWith(changes));
		expect(reportRun(run, 'everything')).toMatchObject({ Summary, SummaryZh });
		// The hint is the English summary without names, with the reasons as a list.
		const hint = hints.ofRun(run, 'hint', 1);
		const withoutNames = Summary.replace(/^\w+ is \w+(?: \(\w+\))?: | \('a'(?:, 'h')?\)/g, '')
			.replace(/(?<=InvalidParameterValue): [^)]+\)/g, '')
			.replace(/ Still in the rows: .*/, '');
		const withoutReasons = hint.reasons.reduce(
			(text, reason) => text.replace(`; ${reason}`, ''),
			withoutNames,
		);
		expect(withoutReasons).not.toBe(hint.reasons.length > 0 ? withoutNames : '');
		expect(`${hint.message}.`).toContain(withoutReasons.slice(0, -1));
	});

	test('The advice of a stop names the same plan and customers in both languages.', () => {
		const counts = { before: COUNTS, now: COUNTS, foundProductCount: 0 };
		const stop = stopFor({
			counts,
			comparedCustomers: { comparedCount: 100, changedIds: ['c1', 'c2'].concat(IDS) },
		});
		const calls = [customer({ fate: { kind: 'notTried', why: stop } })];
		const run = tallyRun(resultWith({ calls, blocked: stop }));
		const { Failures } = reportRun(run, 'everything');
		const { advice, adviceZh } = Failures[0]!;
		for (const fact of ['c1', 'Approved Plan', 'q3BzX0yAf9LmK2dV']) {
			for (const text of [advice, adviceZh]) {
				expect(text).toContain(fact);
			}
		}
		const hint = hints.ofRun(run, 'hint', 1).message;
		expect([hint.includes('c1'), hint.includes('q3BzX0yAf9LmK2dV')]).toEqual([false, true]);
	});
});
