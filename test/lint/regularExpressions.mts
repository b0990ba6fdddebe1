import { globSync, readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import ts from 'typescript';

/** A regular expression of a source file, and where it stands: "nodes/…/refusal.ts:67". */
export interface FoundExpression {
	where: string;
	expression: RegExp;
}

/** Methods of a text that take a text for a regular expression. */
const TAKES_TEXT = new Set(['match', 'matchAll', 'search']);

/**
 * Every regular expression of a source: literals, what is made by RegExp, and texts that are used as one.
 * @throws Error when one is made of what is known only at run time
 */
export function regularExpressionsIn(path: string, text = readFileSync(path, 'utf8')): FoundExpression[] {
	const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
	const found: FoundExpression[] = [];
	const add = (node: ts.Node, source: string) => {
		const where = `${path}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
		found.push({ where, expression: evaluate(source, where) });
	};
	const visit = (node: ts.Node): void => {
		if (ts.isRegularExpressionLiteral(node)) {
			add(node, node.text);
		}
		const isMade = (ts.isNewExpression(node) || ts.isCallExpression(node)) && isRegExp(node.expression);
		if (isMade) {
			add(node, `RegExp(${(node.arguments ?? []).map((each) => each.getText()).join(',')})`);
		} else if (ts.isCallExpression(node) && takesText(node)) {
			add(node, `RegExp(${node.arguments[0]!.getText()})`);
		} else if (ts.isIdentifier(node) && node.text === 'RegExp' && !isCalled(node) && !isType(node)) {
			throw new Error(`${path} hands RegExp on, so that nobody sees what is made by it`);
		}
		ts.forEachChild(node, visit);
	};
	visit(file);
	return found;
}

/** Those of all that is shipped. */
export function shippedExpressions(): FoundExpression[] {
	return globSync('{nodes,credentials}/**/*.ts')
		.sort()
		.flatMap((path) => regularExpressionsIn(path));
}

function evaluate(source: string, where: string): RegExp {
	try {
		const { source: pattern, flags } = runInNewContext(source) as RegExp;
		return new RegExp(pattern, flags);
	} catch (cause) {
		throw new Error(`The regular expression at ${where} is known only at run time`, { cause });
	}
}

function isRegExp(node: ts.Expression): boolean {
	return ts.isIdentifier(node) && node.text === 'RegExp';
}

function isCalled(node: ts.Identifier): boolean {
	const { parent } = node;
	return (ts.isNewExpression(parent) || ts.isCallExpression(parent)) && parent.expression === node;
}

function isType(node: ts.Identifier): boolean {
	return ts.isTypeReferenceNode(node.parent);
}

/** `text.match('…')`: what is given by a name is collected where it stands. */
function takesText({ expression, arguments: given }: ts.CallExpression): boolean {
	return (
		ts.isPropertyAccessExpression(expression) &&
		TAKES_TEXT.has(expression.name.text) &&
		given[0] !== undefined &&
		(ts.isStringLiteralLike(given[0]) || ts.isTemplateExpression(given[0]))
	);
}
