/** What *Account: Check* outputs: both summaries, a transcript as JSON text, and what was found out by its name. */
export interface CheckItem {
	readonly Summary: string;
	readonly SummaryZh: string;
	readonly Accepted: boolean;
	/** A `Transcript` as JSON text. */
	readonly Transcript: string;
	readonly [finding: string]: unknown;
}

/** What the console showed after both pushes for a test customer; `unknown` where nobody has looked yet. */
export type TestResult = 'replaces' | 'adds' | 'notShown' | 'unknown';

/** In the order of the page; the documentation of *Account: Check* says what each of them is. */
const FINDINGS = [
	...['Accepted', 'SignatureScheme', 'ClockOffsetSeconds', 'RequestIdEchoed'],
	...['Actions', 'Customers', 'ProductDevices', 'Requests', 'Unanswered'],
];

const CONSOLE: Readonly<Record<TestResult | 'untested', string>> = {
	untested: '`--with-test-customer` makes both pushes.\n\n`--with-test-customer` 会发送这两次推送。',
	replaces: 'A push replaces devices, by what the console showed.\n\n推送会替换设备（根据控制台的显示）。',
	adds: 'A push adds devices, by what the console showed.\n\n推送会追加设备（根据控制台的显示）。',
	notShown:
		'The console shows no devices of a customer: ask Tencent by a ticket, with the RequestIds of both pushes.\n\n' +
		'控制台不显示客户的设备：请提交工单询问，附上两次推送的 RequestId。',
	unknown:
		'Does a push add devices or replace them? Device A was pushed for the test customer, then device B alone. ' +
		'The console shows: [ ] only B: it replaces · [ ] A and B: it adds · [ ] no devices of a customer.\n\n' +
		'推送是追加设备还是替换设备？已为测试客户先推送设备 A，再只推送设备 B。控制台显示：[ ] 只有 B：替换 · [ ] A 和 B：追加 · [ ] 不显示客户的设备。',
};

/**
 * The item as a page in Markdown, its summary in English and Chinese.
 *
 * @param tested undefined where nothing was pushed
 */
export function pageOf(item: CheckItem, tested: TestResult | undefined): string {
	const rows = FINDINGS.flatMap((name) =>
		item[name] === undefined ? [] : [`| ${name} | ${textOf(item[name]).replaceAll('|', '/') || '-'} |`],
	);
	const table = ['| | Found out |', '| --- | --- |', ...rows].join('\n');
	const parts = ['# Account: Check', item.Summary, item.SummaryZh, table];
	if (item.Accepted) {
		parts.push(CONSOLE[tested ?? 'untested']);
	}
	return `${parts.join('\n\n')}\n`;
}

function textOf(value: unknown): string {
	if (Array.isArray(value)) {
		return value.join(', ');
	}
	if (typeof value !== 'object' || value === null) {
		return String(value);
	}
	return Object.entries(value)
		.filter(([, member]) => member !== undefined)
		.map(([name, member]) => `${name}: ${textOf(member) || '-'}`)
		.join('; ');
}
