/** Texts about failures that do not belong to a single code of `failures.ts`. */
import { say, sayReason } from './text';

/** Reasons that depend on more than the code of a failure. */
export const REASONS = {
	noRows: sayReason('The source returned no rows', '数据源没有给出任何数据行'),
	sourceFailed: sayReason('The source failed and returned no rows', '数据源出错，没有给出任何数据行'),
	sourceFailedInPart: sayReason(
		'The source failed in part, so rows of any customer may be missing',
		'数据源部分出错，任何客户的数据行都可能缺失',
	),
	none: sayReason('No column fits {fields}', '没有适合 {fields} 的列'),
	several: sayReason('More than one column fits {fields}', '适合 {fields} 的列不止一个'),
	unclear: sayReason('No column certainly fits {fields}', '没有确定适合 {fields} 的列'),
	unmapped: sayReason('No column is mapped to {fields}', '{fields} 没有映射到列'),
	absent: sayReason('No row has the column mapped to {fields}', '任何数据行都没有 {fields} 所映射的列'),
	noSuchOperation: sayReason('This version of the node has no such operation', '此版本的节点没有该操作'),
	operationFromExpression: sayReason(
		"In a tool, 'Resource' and 'Operation' cannot be expressions",
		'工具不从表达式读取 Resource 和 Operation',
	),
	noCredential: sayReason('The node has no credential', '节点没有凭证'),
	credentialNotUsable: sayReason("The credential '{name}' cannot be used", '凭证“{name}”无法使用'),
	databaseTooLate: sayReason('The database of n8n did not respond in time', 'n8n 的数据库没有及时响应'),
	tooManyValues: sayReason(
		'The response had more values or levels than this service ever sends',
		'响应的值或层数过多，该服务不会发送这样的响应',
	),
	pageNotRead: sayReason(
		'Page {page} could not be read ({read:record} {read|was|were} read before it). {reason}',
		'第 {page} 页未能读取（此前已读取 {read} 条记录）。{reason}',
	),
	listEnded: sayReason(
		'The list ended after {read} of {counted:record}',
		'列表在第 {read} 条记录后结束，而其计数为 {counted} 条',
	),
	pageMissing: sayReason(
		'A page was missing in each of {readings} attempts to read the list',
		'{readings} 次读取列表，每次都缺少一页',
	),
	listTooLarge: sayReason(
		'The lists of this run take more than 96 MiB of heap; reading ended after {read:record}',
		'本次运行的列表占用内存超过 96 MiB；读取在第 {read} 条后结束',
	),
	/** Joins the reasons of several fields. */
	sentences: sayReason('{reasons}', '{reasons}'),
	/** Other parameters would have the same signature, so the node does not sign these. */
	ambiguous: sayReason(
		'Because of its member {name}, this body would have the same signature as other parameters',
		'由于成员 {name}，此请求体会与另一组参数有相同的签名',
	),
	tooMuchHeap: sayReason('The list takes more than 96 MiB of heap', '列表占用内存超过 96 MiB'),
	/** What happened, and whether Tencent stored anything. */
	happened: sayReason('{reason}. {stored}', '{reason}（{stored}）'),
	/** Whether Tencent stored anything. */
	stored: {
		REFUSED: sayReason('Tencent refused it; nothing was changed', '腾讯云已拒绝，没有任何更改'),
		NOT_SENT: sayReason('Nothing was sent', '未发送'),
		UNKNOWN: sayReason('Tencent may or may not have applied it', '腾讯云可能已应用，也可能没有'),
	},
	/** For a request that only reads, whatever its outcome. */
	onlyRead: sayReason('It only reads; nothing was changed', '只读操作，没有任何更改'),
	/** Why an endpoint cannot be used. In a message these words follow the name of the endpoint. */
	endpoint: {
		noAddress: say('is not a web address', '不是网址'),
		notHttps: say('does not start with https', '不以 https 开头'),
		login: say('holds a login', '含有用户名或密码'),
		query: say('holds a query or a fragment', '含有查询参数或片段'),
	},
	/** What a credential does not allow. Follows the label of the field of the credential that forbids it. */
	notAllowed: {
		unknownAction: say('does not allow an Action that the node does not know', '不允许节点不认识的接口'),
		secrets: say('does not allow showing keys and certificates of devices', '不允许显示设备的密钥和证书'),
		action: say('does not allow {action}', '不允许 {action}'),
		testOrders: say('allows only test orders (D-…)', '只允许测试订单（D-…）'),
	},
	/** The two kinds of address that a request can be sent to. */
	addresses: { endpoint: say('endpoint', '接口地址'), proxy: say('proxy', '代理') },
	/** What the source of the rows must supply in each run. */
	wholeSource: {
		customers: say('the rows of all customers', '所有客户的数据行'),
		devices: say('all devices of its customers', '其客户的所有设备'),
	},
};

/** Advice that depends on more than the code of a failure. */
export const ADVICE = {
	/** For a response that seems to come from another server than Tencent's. */
	checkRoute: say(
		'Check the endpoint in the credential and any proxy or firewall on the way to it',
		'检查凭证中的接口地址，以及本机到该地址之间的代理和防火墙',
	),
	askSupport: say(
		'Try again; if it persists, give the RequestId to Tencent Cloud support',
		'重试；如果仍然出现，请把 RequestId 提供给腾讯云客服',
	),
	tryAgain: say('Try again', '重试'),
	tryLater: say('Try again later', '稍后重试'),
	checkQuery: say('Check its query or filter', '检查其查询或过滤条件'),
	ofSource: say('Correct what the previous node reports{?: {says}}', '处理前一个节点的报错{?：{says}}'),
	otherOperation: say(
		"Choose another 'Operation', or update the package: the workflow is of another version",
		'选择其他 Operation，或更新这个包：工作流来自另一个版本',
	),
	chooseBoth: say('Choose both in the node', '请在节点中选择这两项'),
	noAmpersand: say(
		"Use documented parameters without '&' in them, this node's own operation, or a credential that allows Everything",
		'请使用文档中不含 & 的参数、本节点自己的操作，或允许 Everything 的凭证',
	),
	allowTime: say('Allow more time', '延长时间'),
	notCompared: say("Remove it from 'Compare'", '在 Compare 中不选择该列表'),
	mapByHand: say("Map {count|it|them} under 'Columns'", '在 Columns 中映射'),
	chooseByHand: say(
		"Choose Map Each Column Manually under 'Columns', and map {count|it|them}",
		'在 Columns 中选择 Map Each Column Manually 再映射',
	),
	chooseSomeByHand: say(
		"Choose Map Each Column Manually under 'Columns', and map {count|it|them}: fields that you leave empty stay mapped automatically",
		'在 Columns 中选择 Map Each Column Manually 再映射；留空的字段仍自动映射',
	),
	/** The file has its column names in a row below the first one. */
	headerBelow: say(
		'Row {row} looks like the header, line {line} of the file or a later one: start reading at that line, in Extract from File by Range, which counts from 0, or by Starting Line for a CSV, in Google Sheets by Header Row',
		'第 {row} 行像是表头，在文件中是第 {line} 行或更靠后：请从那一行开始读取（Extract from File 用 Range，从 0 数起，CSV 用 Starting Line；Google Sheets 用 Header Row）',
	),
	/** The file seems to have a title in its first line, and no row is certainly the header. */
	titleAbove: say(
		'Only one column has a name: if the first line of the file is a title, start reading at the line with the column names, in Extract from File by Range, which counts from 0, or by Starting Line for a CSV, in Google Sheets by Header Row',
		'只有一列有列名：如果文件的第一行是标题，请从列名所在的那一行开始读取（Extract from File 用 Range，从 0 数起，CSV 用 Starting Line；Google Sheets 用 Header Row）',
	),
	/** The file has semicolons, tabs or bars between its columns, and was read with commas. */
	otherDelimiter: say(
		'All columns seem to be in one: enter the delimiter of the file in Extract from File under Options, Delimiter',
		'所有列似乎并成了一列：请在 Extract from File 的 Options 中用 Delimiter 填写文件的分隔符',
	),
	/** Most column names were read in another encoding than that of the file. */
	brokenNames: say(
		'The column names have broken characters: save the file as UTF-8 (in Excel: CSV UTF-8)',
		'列名含有损坏的字符：请将文件另存为 UTF-8（Excel 中选择 CSV UTF-8）',
	),
	mayHold: say('{columns} may hold {field}', '{field} 可能是 {columns}'),
	mayHoldIt: say('{columns} may hold it', '可能是 {columns}'),
	column: say('column {place}', '第 {place} 列'),
	inQuotes: say("'{name}'", '{name}'),
	noColumn: say('{?Not in the rows: {columns}}', '{?没有 {columns}}'),
	noColumns: say('The rows have: no columns at all', '数据行没有任何列'),
	columns: say('{?The rows have: {columns}}', '{?数据行中的列：{columns}}'),
	someColumns: say(
		'{?The rows have: {columns} and {more} more}',
		'{?数据行中的列：{columns}，以及另外 {more} 列}',
	),
	setClock: say(
		"Set this server's clock: it differs by more than {most} from that of the service",
		'校准本机时钟：与服务端相差{most}以上',
	),
	anHour: say('an hour', '一小时'),
	aDay: say('a day', '一天'),
	ownSignature: say(
		'Another request with the same App Key and App Secret was accepted, so the credential is right: look for unusual characters in the values of this request, and give the RequestId to Tencent Cloud support',
		'同一 App Key 和 App Secret 的另一个请求已被接受，凭证无误：请检查此请求的值中的特殊字符，并把 RequestId 提供给腾讯云客服',
	),
	nestedSignature: say(
		"App Key and App Secret were accepted, the signature of nested values was not: set 'Nested Value Signing' to Automatic in the credential, or give the RequestId to Tencent Cloud support",
		'App Key 和 App Secret 已被接受，嵌套值的签名未通过：在凭证中把 Nested Value Signing 设为 Automatic，或把 RequestId 提供给腾讯云客服',
	),
};
