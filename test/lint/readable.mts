/** Names that say nothing alone: one of what, known to whom, the rest of which list? */
const VAGUE_NAME = '[name=/^(one|its|all|known|there|what|said|own|others|rest)$/]';

/** Declarations of variables, parameters and functions, including those in patterns. */
const DECLARED_NAMES = [
	'VariableDeclarator > Identifier.id',
	'FunctionDeclaration > Identifier.id',
	':function > Identifier.params',
	':function > AssignmentPattern.params > Identifier.left',
	'TSFunctionType > Identifier.params',
	'TSMethodSignature > Identifier.params',
	'CatchClause > Identifier.param',
	'ArrayPattern > Identifier.elements',
	'ArrayPattern > AssignmentPattern.elements > Identifier.left',
	'ObjectPattern > Property > Identifier.value',
	'ObjectPattern > Property > AssignmentPattern.value > Identifier.left',
	'RestElement > Identifier.argument',
];

/** Syntax that hides one step inside another. */
const PACKED = [
	{
		selector: ':not(ExpressionStatement, ForStatement) > AssignmentExpression',
		message: 'Give the assignment a statement of its own.',
	},
	{
		selector: ':not(ExpressionStatement, ForStatement) > UpdateExpression',
		message: 'Count in a statement of its own.',
	},
	{
		selector: 'SpreadElement > ConditionalExpression.argument',
		message: 'Add what is optional by an `if`, or name it first.',
	},
	{
		selector: 'SpreadElement > LogicalExpression.argument[operator=/^(&&|[|][|])$/]',
		message: 'Add what is optional by an `if`, or name it first.',
	},
	{
		selector:
			':matches(ArrayExpression, CallExpression, NewExpression) > SpreadElement > ArrayExpression.argument',
		message: 'Write the elements into the outer list.',
	},
	{
		selector: 'ObjectExpression > SpreadElement > ObjectExpression.argument',
		message: 'Write the members into the outer object.',
	},
	{
		selector: 'VariableDeclarator[id.type="ArrayPattern"][init.type="ArrayExpression"]',
		message: 'Declare each variable by itself.',
	},
	{
		selector: 'VariableDeclarator[id.type="ObjectPattern"][init.type="ObjectExpression"]',
		message: 'Declare each variable by itself.',
	},
	{
		selector: 'AssignmentExpression[left.type="ArrayPattern"][right.type="ArrayExpression"]',
		message: 'Assign each variable by itself.',
	},
	{
		selector: 'ReturnStatement > UnaryExpression.argument[operator="void"]',
		message: 'Call it, then return.',
	},
	{
		selector:
			'CallExpression[callee.property.name="split"][callee.object.type=/^(Literal|TemplateLiteral|BinaryExpression)$/]',
		message: 'Write a table as a table, not as a text that is split.',
	},
];

/** Syntax that has to be read twice, for ESLint's `no-restricted-syntax`. */
export const HARD_TO_READ = [
	...PACKED,
	...DECLARED_NAMES.map((place) => ({
		selector: `${place}${VAGUE_NAME}`,
		message: "Name what it is of: 'one', 'all', 'known', 'rest' … alone say nothing.",
	})),
];

/** ESLint's own rules with the same purpose. */
export const READABLE = {
	curly: ['error', 'all'],
	'max-statements-per-line': ['error', { max: 1 }],
	'no-nested-ternary': 'error',
	'no-sequences': 'error',
	'no-warning-comments': ['error', { terms: ['prettier-ignore', 'eslint-disable'], location: 'anywhere' }],
} as const;
