import { expect, test } from '@jest/globals';
import { makeGroupMessage } from '../../nodes/TencentCloudIot/messages/groupMessage';

type Parts = Parameters<typeof makeGroupMessage>[0];
type Style = Parameters<typeof makeGroupMessage>[1];

const FAILING = { english: ['Sync is failing', 'Check the mapping'], chinese: ['Sync 失败', '检查映射'] };
const OK = { english: ['Sync is ok'], chinese: ['Sync 正常'] };
const LATE = { ...FAILING, earlierRunTime: '2026-11-30 06:00:05 GMT+8' };
const FORM = 'https://n8n.example/form/1';

test.each<[scene: string, parts: Parts, style: Partial<Style>, lines: string[]]>([
	['in Chinese', [FAILING], { language: 'chinese' }, ['CRM：Sync 失败', '检查映射']],
	['in English', [FAILING], { language: 'english' }, ['CRM: Sync is failing', 'Check the mapping']],
	['in both', [FAILING], {}, ['CRM：Sync 失败', '检查映射', 'Sync is failing', 'Check the mapping']],
	[
		'of an earlier run, too',
		[OK, LATE],
		{ language: 'english' },
		[
			'CRM: Sync is ok',
			'Not delivered before, 2026-11-30 06:00:05 GMT+8:',
			'Sync is failing',
			'Check the mapping',
		],
	],
	[
		'of an earlier run, in both',
		[OK, LATE],
		{},
		[
			'CRM：Sync 正常',
			'Sync is ok',
			'此前未送达，2026-11-30 06:00:05 GMT+8 / Not delivered before, 2026-11-30 06:00:05 GMT+8:',
			'Sync 失败',
			'检查映射',
			'Sync is failing',
			'Check the mapping',
		],
	],
	[
		'after one that is lost',
		[OK],
		{ language: 'english', omittedCount: 1 },
		['CRM: Sync is ok', '1 earlier message could not be kept: see the operation Get Status'],
	],
	[
		'after many that are lost',
		[OK],
		{ language: 'chinese', omittedCount: 1200 },
		['CRM：Sync 正常', '另有 1200 条更早的消息未能保留：请用 Get Status 操作查询'],
	],
	[
		'with a form',
		[OK],
		{ language: 'english', approvalForm: FORM },
		['CRM: Sync is ok', `Approve or reject: ${FORM}`],
	],
	[
		'with a form, in both',
		[OK],
		{ approvalForm: FORM },
		['CRM：Sync 正常', 'Sync is ok', `批准或拒绝 / Approve or reject: ${FORM}`],
	],
	[
		'with a form that is no address',
		[OK],
		{ language: 'english', approvalForm: 'form' },
		['CRM: Sync is ok'],
	],
	[
		'of a workflow whose name has signs',
		[OK],
		{ language: 'english', workflow: "O'Neil <@all> *x*" },
		["O'Neil ‹(a)all› ×x×: Sync is ok"],
	],
	['of no run', [], { language: 'english' }, ['CRM:']],
])('A message to a group, %s', (_scene, parts, style, lines) => {
	const message = makeGroupMessage(parts, {
		robot: 'text',
		language: 'both',
		workflow: 'CRM',
		omittedCount: 0,
		...style,
	});
	expect(message.body.split('\n')).toEqual(lines);
});

test('is written for the robot', () => {
	const message = makeGroupMessage([OK], {
		robot: 'slack',
		language: 'english',
		workflow: 'R&D',
		omittedCount: 0,
		approvalForm: FORM,
	});
	expect(JSON.parse(message.body)).toEqual({
		text: `R＆D: Sync is ok\nApprove or reject: <${FORM}>`,
		mrkdwn: false,
	});
});
