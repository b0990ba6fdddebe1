import { describe } from '@jest/globals';
import { wordsOfTables } from '../../nodes/TencentCloudIot/messages/tables';
import { inSentences } from '../../nodes/TencentCloudIot/messages/text';
import type { WhyUnusable } from '../../nodes/TencentCloudIot/tables/dataTables';
import { testScenes, type Told } from './scenes.mts';

function textOf(why: WhyUnusable) {
	const { reason, advice } = wordsOfTables(why);
	return inSentences([reason, advice]);
}

describe("Why n8n's Data Tables cannot be used, and what to do", () => {
	const scenes: Readonly<Record<WhyUnusable, Told>> = {
		absent: [
			() => textOf('absent'),
			"This n8n has no Data Tables: the module, or a node that Sync needs for them ('Data Table', 'Split Out', 'Merge', 'Execute Sub-workflow Trigger'), is switched off. Take 'data-table' out of N8N_DISABLED_MODULES and these nodes out of NODES_EXCLUDE, then restart n8n. The operation Push needs no sync state",
			'本 n8n 没有可用的 Data Tables：该模块或 Sync 所需的节点（Data Table、Split Out、Merge、Execute Sub-workflow Trigger）已被停用。从 N8N_DISABLED_MODULES 中去掉 data-table，从 NODES_EXCLUDE 中去掉这些节点，再重启 n8n；Push 不需要同步状态',
		],
		tooOld: [
			() => textOf('tooOld'),
			'This n8n is too old for Sync: its Data Table node cannot list and create tables yet. Update n8n to 2.15 or newer. The operation Push needs no sync state',
			'本 n8n 版本过旧，无法使用 Sync：其 Data Table 节点还不能列出和创建数据表。将 n8n 升级到 2.15 或更高版本。Push 不需要同步状态',
		],
		full: [
			() => textOf('full'),
			"n8n's Data Tables are full, so Sync could not record which customers it was going to send. Delete tables or rows that nobody needs, or raise N8N_DATA_TABLES_MAX_SIZE_BYTES. In PostgreSQL deleted rows count until the next VACUUM FULL of their table",
			'n8n 的 Data Tables 空间已满，Sync 无法记录要推送的客户。删除不再需要的数据表或行，或调高 N8N_DATA_TABLES_MAX_SIZE_BYTES；PostgreSQL 会把已删除的行计算在内，直到对该表执行 VACUUM FULL',
		],
		otherColumns: [
			() => textOf('otherColumns'),
			"A Data Table in this project ('tencent_iot_sync', 'tencent_iot_state' or one of the log) has other columns than Sync's. Rename that table; if Sync has made it and somebody has changed its columns, restore them",
			'本项目中有一张数据表（tencent_iot_sync、tencent_iot_state 或某月的日志表）的列与 Sync 所需的不同。请给该表改名；如果它是 Sync 创建的而列被改动过，请恢复原来的列',
		],
		notAllowed: [
			() => textOf('notAllowed'),
			"n8n did not let Sync start the sub-workflow with which it reaches Data Tables. Let this workflow be called by workflows of its own project: its setting 'This workflow can be called by', or N8N_WORKFLOW_CALLER_POLICY_DEFAULT_OPTION",
			'n8n 不允许 Sync 启动访问 Data Tables 所用的子工作流。请允许本项目的工作流调用本工作流：工作流设置 This workflow can be called by，或 N8N_WORKFLOW_CALLER_POLICY_DEFAULT_OPTION',
		],
		notFound: [
			() => textOf('notFound'),
			'The Data Table of the sync state was deleted or renamed, or the workflow was moved to another project, while this run was under way. Restore the table if you can; else the next run asks for one approval before it sends',
			'运行期间，保存同步状态的数据表被删除或改名，或工作流被移到了另一个项目。如有可能请恢复该表；否则下一次运行须经一次批准才会推送',
		],
	};
	testScenes(scenes);
});
