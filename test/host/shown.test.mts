import { expect, test } from '@jest/globals';
import { showHint, shownText } from '../../nodes/TencentCloudIot/host/shown';

test.each([
	["is '<NA>'", "is '‹NA›'"],
	[
		'<a href="https://evil.example" style="position:fixed">x</a>',
		'‹a href="https://evil.example" style="position:fixed"›x‹/a›',
	],
	['DeviceAccess', 'Device·Access'],
	['ENOENT and etimedout', 'E·NOENT and e·timedout'],
	['a\u202eb\nc\u200b', 'a b c '],
])('%j is shown as %j', (text, shown) => {
	expect(shownText(text)).toBe(shown);
});

test.each([
	['its end', 'a'.repeat(11), `${'a'.repeat(9)}…`],
	['the end that broken system codes push out', 'EPERM EPERM', 'E·PERM E·…'],
])('A text of at most ten characters loses %s', (_, text, shown) => {
	expect(shownText(text, 10)).toBe(shown);
});

test('A hint has the markup of its list, but none from its texts', () => {
	const hints: unknown[] = [];
	const context = { addExecutionHints: (...added: unknown[]) => void hints.push(...added) };
	showHint(context, { message: 'a <b>', reasons: ['<a href=x>', 'ENOENT'] }, 'warning');
	showHint(context, { message: '<i>' }, 'info');
	expect(hints).toEqual([
		{
			message: 'a ‹b›<ul><li>‹a href=x›</li><li>E·NOENT</li></ul>',
			type: 'warning',
			location: 'outputPane',
		},
		{ message: '‹i›', type: 'info', location: 'outputPane' },
	]);
});
