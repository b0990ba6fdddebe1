import { parseArgs } from 'node:util';
import { envelopes } from './envelope.mts';
import { optionsLike } from './like/optionsLike.mts';
import { readTranscript } from './like/transcript.mts';
import type { ChangeableOptions, RateLimit, SimulatorOptions } from './options.mts';
import { OptionError } from './options.mts';
import { bindModes, deviceOwnerships } from './serviceState.mts';
import { signatureSchemes } from './verifySignature.mts';

const defaultPort = 8465;

/** The text of --help. */
export const usage = `Simulates the Tencent IoT Enablement service API on 127.0.0.1.

  --port <number>          port to listen on, 0 for any free one (${defaultPort})
  --tls                    https with the certificate simulator/tls/certificate.pem
  --app-key <text>         the AppKey it knows (ServiceAppKey)
  --app-secret <text>      the secret signatures are checked with (ServiceAppSecret)
  --rule <name>            how nested values are signed: ${signatureSchemes.join(', ')} (json)
  --envelope <name>        form of the responses: ${envelopes.join(', ')} (response)
  --bind-mode <name>       what a further push of a customer does: ${bindModes.join(', ')} (replace)
  --ownership <name>       what a push does with a device of another customer: ${deviceOwnerships.join(', ')} (shared)
  --latency <ms>           time before each response: 100, or at random 50-200 (0)
  --rate-limit <number>    requests admitted in any one second (no limit)
  --rate-limit-after <n>   the limit starts after this many requests (0)
  --rate-limit-answer <a>  code: error RequestLimitExceeded; http429: HTTP 429 (code)
  --retry-after <text>     Retry-After header of HTTP 429
  --clock-skew <seconds>   how far its clock is ahead; behind: --clock-skew=-600 (0)
  --refuse <CustomerId>    answer "invalid CustomerId" for this customer; may be repeated
  --like <file>            respond like the service in this transcript, which npm start -- --probe wrote
  --empty                  start without the demo customers, devices, products and orders
  --keep-bodies            keep the bodies of requests, for GET /_simulator/state
  --help                   show this

While it runs: GET /_simulator/state, GET /_simulator/counts, POST /_simulator/reset,
POST /_simulator/options with JSON of nestedRule, envelope, latencyMs, rateLimit, refuseCustomers, outage
(true resets every connection).
`;

const flags = {
	port: { type: 'string' },
	tls: { type: 'boolean' },
	'app-key': { type: 'string' },
	'app-secret': { type: 'string' },
	rule: { type: 'string' },
	envelope: { type: 'string' },
	'bind-mode': { type: 'string' },
	ownership: { type: 'string' },
	latency: { type: 'string' },
	'rate-limit': { type: 'string' },
	'rate-limit-after': { type: 'string' },
	'rate-limit-answer': { type: 'string' },
	'retry-after': { type: 'string' },
	'clock-skew': { type: 'string' },
	refuse: { type: 'string', multiple: true },
	like: { type: 'string' },
	empty: { type: 'boolean' },
	'keep-bodies': { type: 'boolean' },
	help: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof flags }>>['values'];

/** The options of the command line. */
export interface CommandLine extends SimulatorOptions {
	/** Whether to start without the demo world. */
	readonly empty?: boolean | undefined;
}

/**
 * Reads the arguments after the script's name.
 *
 * @throws OptionError naming the flag that is unknown or wrong
 */
export function readCommandLine(args: readonly string[]): CommandLine | 'help' {
	const values = parse(args);
	if (values.help) {
		return 'help';
	}
	return {
		port: integerAt(values, 'port', 65_535) ?? defaultPort,
		tls: values.tls,
		appKey: textAt(values, 'app-key'),
		appSecret: textAt(values, 'app-secret'),
		envelope: choiceAt(values, 'envelope', envelopes),
		latencyMs: latencyAt(values),
		refuseCustomers: refusalsAt(values),
		...likeAt(values),
		empty: values.empty,
		keepBodies: values['keep-bodies'],
	};
}

/** How the service behaves: as in the transcript, if there is one; flags override it. */
function likeAt(values: Values): SimulatorOptions {
	const path = textAt(values, 'like');
	const like = path === undefined ? {} : optionsLike(readTranscript(path));
	return {
		...like,
		nestedRule: choiceAt(values, 'rule', signatureSchemes) ?? like.nestedRule,
		bindMode: choiceAt(values, 'bind-mode', bindModes) ?? like.bindMode,
		ownership: choiceAt(values, 'ownership', deviceOwnerships) ?? like.ownership,
		rateLimit: rateLimitAt(values) ?? like.rateLimit,
		clockSkewSeconds: clockSkewAt(values) ?? like.clockSkewSeconds,
	};
}

function parse(args: readonly string[]): Values {
	try {
		return parseArgs({ args: [...args], options: flags, allowPositionals: false }).values;
	} catch (error) {
		// The first sentence says what is wrong; the rest explains the parser.
		const [problem] = (error as Error).message.split(/\.\s/);
		throw new OptionError(`${problem}; see --help.`);
	}
}

type TextFlag = Exclude<keyof Values, 'tls' | 'refuse' | 'empty' | 'keep-bodies' | 'help'>;

function textAt(values: Values, flag: TextFlag): string | undefined {
	if (values[flag] === '') {
		throw new OptionError(`--${flag} must not be empty.`);
	}
	return values[flag];
}

function choiceAt<T extends string>(values: Values, flag: TextFlag, choices: readonly T[]): T | undefined {
	const value = values[flag];
	const choice = choices.find((candidate) => candidate === value);
	if (value === undefined || choice !== undefined) {
		return choice;
	}
	throw new OptionError(`--${flag} must be one of ${choices.join(', ')}, not "${value}".`);
}

function integerAt(values: Values, flag: TextFlag, max: number, min = 0): number | undefined {
	const value = values[flag];
	if (value === undefined) {
		return undefined;
	}
	if (/^\d{1,9}$/.test(value) && Number(value) >= min && Number(value) <= max) {
		return Number(value);
	}
	throw new OptionError(`--${flag} must be a whole number from ${min} to ${max}, not "${value}".`);
}

function latencyAt({ latency }: Values): ChangeableOptions['latencyMs'] {
	if (latency === undefined) {
		return undefined;
	}
	const [, min, max] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(latency) ?? [];
	if (min === undefined || Number(max ?? min) < Number(min)) {
		throw new OptionError(`--latency must be milliseconds such as 100 or 50-200, not "${latency}".`);
	}
	return max === undefined ? Number(min) : { min: Number(min), max: Number(max) };
}

function rateLimitAt(values: Values): RateLimit | undefined {
	const perSecond = integerAt(values, 'rate-limit', 1_000_000, 1);
	const details = {
		startsAfterRequests: integerAt(values, 'rate-limit-after', 999_999_999),
		answer: choiceAt(values, 'rate-limit-answer', ['code', 'http429']),
		retryAfter: values['retry-after'],
	};
	if (perSecond !== undefined) {
		return { perSecond, ...details };
	}
	if (Object.values(details).every((detail) => detail === undefined)) {
		return undefined;
	}
	throw new OptionError('--rate-limit-after, --rate-limit-answer and --retry-after need --rate-limit.');
}

function clockSkewAt({ 'clock-skew': value }: Values): number | undefined {
	if (value === undefined) {
		return undefined;
	}
	if (/^-?\d{1,9}$/.test(value)) {
		return Number(value);
	}
	throw new OptionError(`--clock-skew must be a whole number of seconds, not "${value}".`);
}

function refusalsAt({ refuse = [] }: Values): ChangeableOptions['refuseCustomers'] {
	const refusal = { Code: 'InvalidParameterValue', Message: 'invalid CustomerId' };
	return Object.fromEntries(refuse.map((customerId) => [customerId, refusal]));
}
