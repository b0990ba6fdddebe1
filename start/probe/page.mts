import type { Findings } from './checkAccount.mts';
import type { Text } from './lines.mts';
import { linesOf } from './lines.mts';
import { shapeOf } from './shape.mts';

export type Language = 'en' | 'zh';

const TITLE: Text = ['How the IoT Enablement API behaves', '物联使能 API 的实际行为'];
const COLUMNS: Text = ['| | Found | The node |', '| | 查明的结果 | 节点的行为 |'];
const CONSOLE: Text = ['Two things to look at on the console', '在控制台上确认两件事'];
const PRODUCTS: Text = [
	'2. **Which products are linked to your application?** Only their devices can be seen, and no Action lists products.',
	'2. **哪些产品已关联到你的应用？** 只能看到这些产品的设备，而没有列出产品的接口。',
];
const TEST: Text = [
	'1. **Does a push add devices or replace them?** Take a test customer and two devices: push device A for it, then device B alone. ' +
		'`npm start -- --probe --live --with-test-customer ID --device Product/A --device Product/B` does that. Only B on the console: a push replaces. A and B: it adds.',
	'1. **推送是追加设备还是替换设备？** 用一个测试客户和两个设备：先推送设备 A，再只推送设备 B。' +
		'`npm start -- --probe --live --with-test-customer ID --device 产品/A --device 产品/B` 会这样做。控制台上只有 B：替换；A 和 B 都在：追加。',
];
const TESTED: Readonly<Record<TestResult, Text>> = {
	replaces: [
		'1. **A push replaces devices**, by what the console showed.',
		'1. **推送会替换设备**（根据控制台的显示）。',
	],
	adds: [
		'1. **A push adds devices**, by what the console showed.',
		'1. **推送会追加设备**（根据控制台的显示）。',
	],
	unknown: [
		'1. **Does a push add devices or replace them?** Device A was pushed for the test customer, then device B alone. The console shows: [ ] only B: it replaces · [ ] A and B: it adds.',
		'1. **推送是追加设备还是替换设备？** 已为测试客户先推送设备 A，再只推送设备 B。控制台显示：[ ] 只有 B：替换 · [ ] A 和 B：追加。',
	],
};

/** What the console showed after both pushes for a test customer; `unknown` where nobody has looked yet. */
export type TestResult = 'replaces' | 'adds' | 'unknown';

/**
 * The report as a page in Markdown.
 *
 * @param tested undefined where nothing was pushed
 */
export function pageOf(findings: Findings, language: Language, tested?: TestResult): string {
	const at = language === 'en' ? 0 : 1;
	const summary = at === 0 ? findings.Summary : findings.SummaryZh;
	const parts = [`# ${TITLE[at]}`, summary];
	const last = findings.Transcript.exchanges.findLast(({ response }) => response !== undefined);
	if (!findings.Accepted && last !== undefined) {
		parts.push(`HTTP ${last.response?.status}, ${last.response?.contentType || '-'}: \`${shapeOf(last)}\``);
	}
	if (findings.Accepted) {
		const rows = linesOf(findings).map(({ what, found, node }) => row([what[at], found[at], node[at]]));
		parts.push([COLUMNS[at], '| --- | --- | --- |', ...rows].join('\n'));
		parts.push(
			`## ${CONSOLE[at]}`,
			[(tested === undefined ? TEST : TESTED[tested])[at], PRODUCTS[at]].join('\n'),
		);
	}
	return `${parts.join('\n\n')}\n`;
}

function row(cells: readonly string[]): string {
	return `| ${cells.map((cell) => cell.replaceAll('|', '/')).join(' | ')} |`;
}
