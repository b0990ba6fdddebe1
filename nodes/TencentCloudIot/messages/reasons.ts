import type { Message } from './message';
import { listed, quoted } from './words';

/** Of the fields that stand at `{}`. */
function ofFields(english: string, chinese: string) {
	return (fields: readonly string[]): Message => [
		english.replace('{}', listed(fields)),
		chinese.replace('{}', fields.join('、')),
	];
}

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
	none: ofFields('No column fits {}.', '没有适合 {} 的列'),
	several: ofFields('More than one column fits {}.', '适合 {} 的列不止一个'),
	unclear: ofFields('No column fits {} for sure.', '没有确定适合 {} 的列'),
	unmapped: (fields: readonly string[]): Message => [
		`${listed(fields)} ${fields.length === 1 ? 'is' : 'are'} not mapped to a column.`,
		`${fields.join('、')} 没有映射到列`,
	],
	absent: (fields: readonly string[]): Message => [
		`${listed(fields)} ${fields.length === 1 ? 'is mapped to a column' : 'are mapped to columns'} that no row has.`,
		`${fields.join('、')} 所映射的列不存在`,
	],
	notFilledIn: (field: string): Message => [`The credential has no ${field}.`, `凭证未填写 ${field}`],
};

export const ADVICE = {
	comeBack: (time: string): Message => [`Try again after ${time}`, `请在 ${time} 之后重试`],
	ofSource: (says: string): Message => [
		`Correct what the node before reports${says && `: ${says}`}`,
		`处理前一个节点的报错${says && `：${says}`}`,
	],
	map: (isAutomatic: boolean, fields: number): Message => {
		const them = fields === 1 ? 'it' : 'them';
		return isAutomatic
			? [
					`Choose Map Each Column Manually under 'Columns', and map ${them}`,
					'在 Columns 中选择 Map Each Column Manually 再映射',
				]
			: [`Map ${them} under 'Columns'`, '在 Columns 中映射'];
	},
	mayHold: (columns: readonly string[], field: string): Message => [
		`${quoted(columns)} may hold ${field || 'it'}`,
		`${field}可能是 ${columns.join('、')}`,
	],
	noColumn: (columns: readonly string[]): Message => [
		`There is no ${quoted(columns)}`,
		`没有 ${columns.join('、')}`,
	],
	columns: (named: readonly string[], others: number): Message => [
		`The rows have: ${named.join(', ') || 'no columns at all'}${others > 0 ? ` and ${others} more` : ''}`,
		`数据行中的列：${named.join('、') || '无'}${others > 0 ? ' 等' : ''}`,
	],
	setClock: ([most, mostZh]: Message): Message => [
		`Check this server's clock, which is more than ${most} off that of the service`,
		`校准本机时钟：与服务端相差${mostZh}以上`,
	],
};
