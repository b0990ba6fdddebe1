import { phrasesIn } from '../service/response/chineseText';
import { cleanServerText } from '../service/response/serverText';

/** Characters. */
const LONGEST_TEXT = 500;

/**
 * What words of the protocol and of error messages are made of, in lower case. Whatever else a service says may be a name,
 * an id or a token.
 */
const WORD = new RegExp(
	`^(?:${[
		'access|action|address|already|api|app|application|array|auth|body|code|content|count|country|create|customer|customers',
		'|data|date|desc|device|devices|duplicate|empty|err|error|exceeded|exist|expired|failed|failure|field|format',
		'|found|has|html|id|illegal|in|info|infos|internal|invalid|ip|is|item|json|key|limit|list|max|message|method',
		'|missing|model|msg|must|no|nonce|not|null|number|of|offline|offset|ok|only|operation|or|order|orders|out|param',
		'|parameter|permission|phone|plain|product|quota|range|rate|refused|repeated|request|require|required|resource',
		'|response|result|ret|secret|server|service|sign|signature|status|string|success|system|text|the|throttled|time',
		'|timeout|timestamp|to|token|too|total|type|unauthorized|unknown|url|used|user|valid|value|version|wrong',
	].join('')})$`,
);

const TOKENS = /[A-Za-z]+|\p{Script=Han}+|[\p{L}\p{M}\p{N}]+/gu;

/** A text with everything masked but words of the protocol, e.g. `CustomerId … 无效`; digits become `#`. */
export function maskedText(text: string): string {
	return cleanServerText(text, LONGEST_TEXT)
		.replace(TOKENS, (token) => {
			if (/^[A-Za-z]/.test(token)) return isKnown(token) ? token : '…';
			return /^\d/.test(token) ? '#' : phrasesIn(token);
		})
		.replace(/…[….\s]*…/g, '…');
}

/** Whether a word, or each part of one such as `ErrorRequiredParamNotFound`, is of the protocol. */
function isKnown(word: string): boolean {
	const parts = word.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? [];
	return parts.every((part) => WORD.test(part.toLowerCase()));
}

/** The name of a member; one that may be a value, such as a phone number, is numbered. */
export function maskedName(name: string, index: number): string {
	return /^[A-Za-z_.]{1,40}$/.test(name) && isKnown(name) ? name : `…${index}`;
}
