import { describe, type Failure } from '../service/outcome';
import { counted } from '../service/words';
import { findingsOf, type Findings } from './findings';
import { readingOf, type Observation, type Reading } from './observation';
import { maskedText } from './masking';
import { transcriptOf } from './transcript';

/** The same in English and in Chinese. */
type Text = readonly [english: string, chinese: string];

/** What a probe found, for people and for programs; without secrets, names, ids and phone numbers. */
export interface ProbeReport extends Findings {
	/** What was found and what to do. */
	Summary: string;
	SummaryZh: string;
	/** A `Transcript` as JSON text. */
	Transcript: string;
}

/** A clock that is off by more is worth a sentence. Seconds. */
const CLOCK_TOLERANCE = 5;

/** @param failure why key, signature or clock were not accepted */
export function reportOf(observations: readonly Observation[], failure: Failure | undefined): ProbeReport {
	const findings = findingsOf(observations);
	const key = observations.findLast(({ question }) => question.purpose === 'key');
	const [Summary, SummaryZh] =
		failure === undefined || key === undefined ? summaryOf(findings) : failureText(failure, readingOf(key));
	return {
		Summary,
		SummaryZh,
		...findings,
		Transcript: JSON.stringify(transcriptOf(observations)),
	};
}

function summaryOf(findings: Findings): Text {
	const { Requests, Unanswered, SignatureScheme, RequestIdEchoed, Actions } = findings;
	const seconds = findings.ClockOffsetSeconds ?? 0;
	const unavailable = [...Actions.Missing, ...Actions.NotPermitted].join(', ');
	const todos: Array<readonly [isDue: boolean, english: string, chinese: string]> = [
		[
			SignatureScheme === 'none' || RequestIdEchoed === false,
			"Pushes may fail: give this item to the node's authors",
			'推送可能失败：请将本条结果提供给节点作者',
		],
		[
			Unanswered > 0,
			`${counted(Unanswered, 'request')} got no readable response: check again`,
			`${Unanswered} 个请求没有可读取的响应：请重新检查`,
		],
		[
			Math.abs(seconds) > CLOCK_TOLERANCE,
			`Set this server's clock: it is ${Math.abs(seconds)} seconds ${seconds > 0 ? 'behind' : 'ahead'}`,
			`请校准本机时钟：${seconds > 0 ? '慢' : '快'} ${Math.abs(seconds)} 秒`,
		],
		[
			unavailable !== '',
			`Ask Tencent for what you need of ${unavailable}, which are not available`,
			`不可用的接口：${unavailable}，如需使用请联系腾讯云`,
		],
		[findings.ProductDevices === 'refused', 'Link the product to the application', '请将该产品关联到应用'],
	];
	const due = todos.filter(([isDue]) => isDue);
	return [
		`Tencent accepted App Key and App Secret (${Requests} requests). ${due.map(([, todo]) => `${todo}.`).join(' ') || 'Nothing needs to be changed.'}`,
		`腾讯云已接受 App Key 与 App Secret（${Requests} 个请求）。${due.map(([, , todo]) => `${todo}。`).join('') || '无需任何改动。'}`,
	];
}

/** What the service said is masked, since a report is shown to others. */
function failureText(failure: Failure, { code, message }: Pick<Reading, 'code' | 'message'>): Text {
	const said = maskedText(`${code}: ${message}`);
	const isSaid = failure.isFromService && code !== '';
	return [
		`${isSaid ? `Tencent responded with ${said}.` : describe(failure)} ${failure.advice}.`,
		`检查未能完成（${isSaid ? said : failure.code}）：请检查密钥、本机时钟、凭证中的地址和网络。`,
	];
}
