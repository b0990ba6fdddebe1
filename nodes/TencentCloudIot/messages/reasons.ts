import type { Message } from './message';

/** What happened, and what to do, where more is to be said than a code says. */
export const REASONS = {
	executeOnce: (rows: number): Message => [
		`The node gets only the first of ${rows} rows, because 'Execute Once' is on.`,
		`Execute Once 已开启，节点只得到 ${rows} 行中的第一行`,
	],
	mostlyFailed: (failed: number, of: number): Message => [
		`Too many customers failed: ${failed} of the last ${of}.`,
		`失败的客户过多：最近 ${of} 个中有 ${failed} 个`,
	],
	sourceFailed: (): Message => ['The source failed, and gave no rows.', '数据源出错，没有给出任何数据行'],
	notFilledIn: (field: string): Message => [`The credential has no ${field}.`, `凭证未填写 ${field}`],
};

export const ADVICE = {
	comeBack: (time: string): Message => [`Try again after ${time}`, `请在 ${time} 之后重试`],
	ofSource: (says: string): Message => [
		`Correct what the node before reports${says && `: ${says}`}`,
		`处理前一个节点的报错${says && `：${says}`}`,
	],
	setClock: ([most, mostZh]: Message): Message => [
		`Check this server's clock, which is more than ${most} off that of the service`,
		`校准本机时钟：与服务端相差${mostZh}以上`,
	],
};
