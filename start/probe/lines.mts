import { isSuccess } from '../../simulator/like/forms.mts';
import { counted } from '../counted.mts';
import type { Findings } from './checkAccount.mts';
import { shapeOf } from './shape.mts';

/** The same in English and in Chinese. */
export type Text = readonly [english: string, chinese: string];

/** One thing that was found out, and what the node does with it. */
export interface Line {
	readonly what: Text;
	readonly found: Text;
	readonly node: Text;
}

const NOT_FOUND: Text = ['not found out', '未能查明'];

const SCHEME_NAMES: Readonly<Record<string, string>> = {
	flattened: 'Flattened',
	goFmt: 'Go Format',
	jsString: 'JavaScript String',
	json: 'JSON Text',
};

/** A clock that is off by less is right. Seconds. */
const CLOCK_TOLERANCE = 5;

/** All that a page shows, in its order. */
export function linesOf(findings: Findings): Line[] {
	return [...protocolLines(findings), ...clockLines(findings), ...accountLines(findings)];
}

function protocolLines({ SignatureScheme, RequestIdEchoed, Transcript }: Findings): Line[] {
	const { exchanges } = Transcript;
	const refused = exchanges.find((one) => one.request['Action'] === 'ServiceCheckNoSuchAction');
	const success = shapeOf(exchanges.find(isSuccess));
	const failure = shapeOf(refused);
	const status = refused?.response?.status ?? '-';
	return [
		{
			what: ['App Key and App Secret', 'App Key 与 App Secret'],
			found: ['accepted', '已接受'],
			node: ['signs each request with them', '用它们为每个请求签名'],
		},
		{ what: ['How lists are signed', '列表的签名方式'], ...schemeLine(SignatureScheme) },
		{
			what: ['Form of responses', '响应的格式'],
			found: [
				`\`${success}\`; errors with HTTP ${status}: \`${failure}\``,
				`\`${success}\`；错误（HTTP ${status}）：\`${failure}\``,
			],
			node: [
				'reads several forms; one that it cannot read is UNKNOWN',
				'能读取多种格式；读不懂的记为 UNKNOWN',
			],
		},
		{
			what: ['RequestId in responses', '响应中的 RequestId'],
			found:
				RequestIdEchoed === undefined
					? NOT_FOUND
					: RequestIdEchoed
						? ['repeated', '原样返回']
						: ['not always repeated', '并非总是返回'],
			node: ['calls a success without it UNKNOWN', '成功响应若不带 RequestId，记为 UNKNOWN'],
		},
	];
}

function schemeLine(scheme: string | undefined): Pick<Line, 'found' | 'node'> {
	if (scheme === undefined) return { found: NOT_FOUND, node: ['tries five schemes', '依次尝试五种方式'] };
	if (scheme === 'none') {
		return {
			found: ['refused by all five schemes', '五种方式均被拒绝'],
			node: ['pushes may be refused', '推送可能被拒绝'],
		};
	}
	const name = SCHEME_NAMES[scheme];
	if (name === undefined) {
		return {
			found: [
				'a list beside a read is not signed; that of a push may be',
				'读取请求附带的列表不参与签名，推送的列表可能不同',
			],
			node: ['finds it on the first push: leave Automatic', '首次推送时确定：保持 Automatic'],
		};
	}
	return {
		found: [`'${name}'`, `'${name}'`],
		node: [
			`finds it; set 'Nested Value Signing' to '${name}' to save attempts`,
			`会自动查明；将 'Nested Value Signing' 设为 '${name}' 可省去尝试`,
		],
	};
}

function clockLines({ ClockOffsetSeconds: offset, ClockWindow, RepeatedNonce: nonce }: Findings): Line[] {
	return [
		{
			what: ["This machine's clock", '本机时钟'],
			found: offset === undefined ? ['the service sends no time', '服务未返回时间'] : clockText(offset),
			node: ['corrects more than five minutes once per run', '偏差超过 5 分钟时，每次运行校正一次'],
		},
		{
			what: ['Age of timestamps', '时间戳的有效期'],
			found: windowText(ClockWindow),
			node: ['signs each attempt right before it is sent', '每次发送前重新签名'],
		},
		{
			what: ['Repeated Nonce', '重复的 Nonce'],
			found:
				nonce === undefined
					? NOT_FOUND
					: nonce === 'refused'
						? ['refused', '被拒绝']
						: ['accepted', '被接受'],
			node: ['never repeats one', '从不重复'],
		},
	];
}

function clockText(offset: number): Text {
	const seconds = Math.abs(offset);
	if (seconds <= CLOCK_TOLERANCE) return ['right', '准确'];
	return offset > 0
		? [`${seconds} seconds behind`, `慢 ${seconds} 秒`]
		: [`${seconds} seconds ahead`, `快 ${seconds} 秒`];
}

function windowText({ AcceptedSeconds, RefusedSeconds }: Findings['ClockWindow']): Text {
	const from = AcceptedSeconds === undefined ? undefined : AcceptedSeconds / 60;
	const to = RefusedSeconds === undefined ? undefined : RefusedSeconds / 60;
	if (from !== undefined && to !== undefined) return [`${from} to ${to} minutes`, `${from} 至 ${to} 分钟`];
	if (from !== undefined) return [`more than ${from} minutes`, `超过 ${from} 分钟`];
	return to === undefined ? NOT_FOUND : [`less than ${to} minutes`, `不到 ${to} 分钟`];
}

function accountLines({ Actions, Customers, ProductDevices: devices }: Findings): Line[] {
	const { Found, Missing, NotPermitted, Unclear, NotAsked } = Actions;
	return [
		{
			what: ['Actions', '接口'],
			found: [
				lists(
					[`${Found.length} there`, Found],
					['missing', Missing],
					['not permitted', NotPermitted],
					['unclear', Unclear],
				),
				lists(
					[`存在 ${Found.length} 个`, Found],
					['不存在', Missing],
					['无权限', NotPermitted],
					['不明确', Unclear],
				),
			],
			node: ['says so when one is missing', '缺少时会报告'],
		},
		{
			what: ['Actions not asked for', '未询问的接口'],
			found: [
				`${NotAsked.length}, most of which write: ${names(NotAsked)}`,
				`${NotAsked.length} 个，大多会写入数据：${names(NotAsked)}`,
			],
			node: ['shows it on the first use', '首次使用时可知'],
		},
		{
			what: ['Customers', '客户'],
			found:
				Customers === undefined
					? ['not shown', '未返回']
					: [counted(Customers, 'customer'), `${Customers} 个`],
			node: ['does not change them here', '此处不做任何改动'],
		},
		{
			what: ['Products', '产品'],
			found:
				devices === undefined
					? ['no Action lists them: name one with --product', '没有列出产品的接口：用 --product 指定一个']
					: devices === 'refused'
						? ['the named product is not visible', '所指定的产品不可见']
						: [`the named product has ${counted(devices, 'device')}`, `所指定的产品有 ${devices} 个设备`],
			node: ['reads devices of products linked to the application', '只能读取已关联到应用的产品'],
		},
		{
			what: ['Rate limit', '频率限制'],
			found: ['not looked for', '未探测'],
			node: ['sends 20 requests a second, fewer when throttled', '每秒 20 个请求，被限流时自动放慢'],
		},
	];
}

const names = (actions: readonly string[]) => actions.map((action) => `\`${action}\``).join(', ') || '-';

function lists(...some: ReadonlyArray<readonly [string, readonly string[]]>): string {
	return some
		.flatMap(([what, actions]) => (actions.length > 0 ? [`${what}: ${names(actions)}`] : []))
		.join('; ');
}
