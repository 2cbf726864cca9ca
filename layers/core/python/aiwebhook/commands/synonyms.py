"""What callers call commands, fields and values that have another name here.

Language models guess names. A guess is answered by this table first, then by what is spelt alike;
a guess that reads is never answered by a command that writes, nor the reverse.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from aiwebhook.commands.catalogue import CATALOGUE, find_command

_CALLED: Mapping[str, str] = {
    "create_session": "open_session start_session new_session begin_session init_session"
    " create_conversation new_conversation start_conversation add_session",
    "resume_session": "reopen_session restart_session activate_session"
    " unpause_session rejoin_session",
    "pause_session": "suspend_session hold_session park_session",
    "complete_session": "close_session end_session finish_session archive_session stop_session",
    "delete_session": "remove_session destroy_session drop_session erase_session",
    "list_sessions": "get_sessions show_sessions find_sessions search_sessions query_sessions"
    " sessions all_sessions",
    "get_session_summary": "get_session show_session read_session describe_session view_session"
    " session_status get_session_status session_info get_session_info session_summary"
    " summarize_session summarise_session get_summary summary summarize summarise status"
    " get_status retrieve_session",
    "catch_up": "continue_session catchup catch_me_up where_were_we recap get_recap get_context"
    " retrieve_context load_session load_context get_overview overview session_overview",
    "get_conversation": "read_conversation show_conversation list_conversation"
    " list_conversations get_conversations list_messages get_messages get_history history"
    " retrieve_conversation get_transcript read_transcript transcript",
    "list_agents": "get_agents show_agents agents get_agent find_agents available_agents"
    " describe_agents list_available_agents agent_status get_agent_status",
    "help": "usage how_to man get_help show_help capabilities list_commands get_commands commands"
    " describe_command get_schema describe info about",
    "append_conversation": "add_message append_message log_message store_message save_message"
    " log_conversation store_conversation save_conversation add_conversation record_conversation"
    " append_chunk add_chunk add_conversation_chunk store_chunk append log update_conversation",
    "store_memory": "create_memory add_memory save_memory set_memory put_memory write_memory"
    " update_memory record_memory insert_memory new_memory remember memorize memorise store save"
    " note add_note create_note save_note store_note take_note store_fact save_fact add_fact"
    " store_decision save_decision add_decision record_decision create_decision store_idea",
    "retrieve_memory": "get_memory read_memory fetch_memory load_memory show_memory view_memory"
    " recall_memory",
    "forget_memory": "delete_memory remove_memory erase_memory drop_memory forget unlearn",
    "query_memories": "search_memories search_memory query_memory find_memories find_memory recall"
    " search find query lookup look_up search_session recall_memories filter_memories",
    "list_memories": "get_memories show_memories memories list_memory all_memories list_decisions"
    " get_decisions list_notes get_notes list_facts retrieve_memories",
    "delegate_task": "create_task add_task new_task start_task run_task submit_task assign_task"
    " dispatch_task execute_task schedule_task send_task delegate run_agent call_agent start_agent"
    " invoke_agent spawn_agent ask_agent execute run research delegate_to_agent delegate_work",
    "get_task": "show_task read_task view_task check_task task_status get_task_status task_result"
    " get_task_result get_task_results get_result check_task_status check_status poll_task"
    " poll wait_for_task wait_task retrieve_task describe_task",
    "cancel_task": "stop_task abort_task kill_task end_task delete_task remove_task cancel abort",
    "retry_task": "rerun_task restart_task repeat_task requeue_task redo_task retry",
    "reply_to_task": "reply answer answer_task respond_to_task reply_task respond message_task"
    " send_message send_task_message tell_agent",
    "list_tasks": "get_tasks show_tasks find_tasks search_tasks query_tasks tasks all_tasks"
    " list_jobs",
    "add_artifact": "create_artifact store_artifact save_artifact upload_artifact put_artifact"
    " create_document add_document store_document save_document upload_document upload_file"
    " add_file save_file store_file attach_file",
    "get_artifact": "read_artifact show_artifact fetch_artifact retrieve_artifact view_artifact"
    " download_artifact get_document read_document get_file read_file download_file",
    "list_artifacts": "get_artifacts show_artifacts find_artifacts artifacts list_documents"
    " get_documents list_files",
    "batch": "bulk multi batch_commands run_batch execute_batch send_batch transaction",
    "get_updates": "updates list_updates check_updates poll_updates get_news news get_events"
    " list_events get_notifications list_notifications",
    "ack_updates": "acknowledge_updates ack acknowledge confirm_updates mark_read",
}
_BY_CALL = {call: name for name, calls in _CALLED.items() for call in calls.split()}
_SEVERAL = {"ask": ("query_memories", "delegate_task"), "ask_question": ("query_memories",)}
_READS = frozenset(
    "get list show find search query read fetch retrieve describe view look lookup check count"
    " recall load poll status summarize summarise see display export".split()
)
_WRITES = frozenset(
    "create add store save set put write update insert new open start append log record remember"
    " post send submit run execute delegate assign upload delete remove forget erase drop clear"
    " cancel stop pause resume complete close end retry reply edit change rename move".split()
)
_DESTROYS = frozenset({"delete_session", "forget_memory", "cancel_task"})


def normal(name: str) -> str:
    """`createSession`, `create-session`, `Create Session` → `create_session`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[^0-9a-zA-Z]+", "_", spaced).strip("_").lower()


def command_named(name: str) -> str | None:
    """The command that is meant without doubt: its own name or alias in another spelling."""
    spec = find_command(name) or find_command(normal(name))
    return None if spec is None else spec.name


def commands_like(name: str) -> tuple[str, ...]:
    """The commands that may be meant by a name that is none; nothing rather than a wrong one."""
    called = normal(name[:100])
    known = command_named(called)
    if known is not None:
        return (known,)
    found = _SEVERAL.get(called) or (_BY_CALL.get(called, ""),)
    if found[0] in CATALOGUE:
        return found
    from difflib import get_close_matches  # noqa: PLC0415 — accepted commands do not pay for it

    return tuple(get_close_matches(called, _possible(called), n=1, cutoff=0.85))


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The one of these that is spelt alike."""
    from difflib import get_close_matches  # noqa: PLC0415 — as above

    by_normal = {normal(each): each for each in known}
    close = get_close_matches(normal(name[:100]), by_normal, n=1, cutoff=0.7)
    return by_normal[close[0]] if close else None


def _possible(called: str) -> list[str]:
    verb = called.partition("_")[0]
    if verb in _READS:
        return [name for name, spec in CATALOGUE.items() if not spec.writes]
    if verb in _WRITES:
        return [name for name, spec in CATALOGUE.items() if spec.writes and name not in _DESTROYS]
    return list(CATALOGUE)


_FIELDS: Mapping[str, str] = {
    "agent_name": "agent assignee agent_id",
    "description": "task prompt instructions instruction goal task_description objective",
    "input_data": "input task_input inputs",
    "timeout_s": "timeout timeout_seconds timeout_sec",
    "wait_s": "wait wait_seconds",
    "max_cost_usd": "max_cost budget budget_usd",
    "repo": "repository repo_url repository_url",
    "ref": "branch",
    "depends_on": "dependencies after_tasks",
    "callback_url": "webhook_url callback webhook",
    "max_attempts": "attempts retries",
    "content": "text body value message memory transcript conversation conversation_text",
    "type": "kind category memory_type artifact_type",
    "key": "memory_key memory_id name id",
    "tags": "labels tag",
    "title": "name session_title",
    "participants": "people members users participant",
    "context": "description purpose",
    "text": "query q search search_text keywords",
    "search": "query q text",
    "limit": "max count max_results top_k page_size n",
    "filter": "status",
    "status": "filter state",
    "name": "title filename file_name",
    "message": "text content reply answer",
    "task_id": "id",
    "artifact_id": "id artifact",
    "commands": "items requests operations actions",
    "chunk_id": "id",
    "cursor": "next_cursor page_token",
    # Arguments of tools (mcp_tools.py).
    "instructions": "description task prompt instruction goal task_description objective request",
    "agent": "agent_name assignee agent_id",
    "session": "session_id session_title session_name conversation_id",
    "task": "task_id id task_name",
    "goal": "context description purpose",
    "query": "text q search search_text keywords",
    "branch": "ref base_branch",
    "wait_seconds": "wait wait_s",
    "memory": "key memory_key memory_id name id",
}


def field_meant(name: str, fields: Iterable[str]) -> str | None:
    """The field of these that is meant without doubt by a name that none of them has."""
    called = normal(name)
    known = {normal(field): field for field in fields}
    if called in known:
        return known[called]
    meant = [field for field in known.values() if called in _FIELDS.get(field, "").split()]
    return meant[0] if len(meant) == 1 else None


VALUES: Mapping[str, str] = {
    "todo": "action_item",
    "to_do": "action_item",
    "task": "action_item",
    "action": "action_item",
    "memo": "note",
    "info": "fact",
    "information": "fact",
    "insight": "idea",
    "learning": "fact",
    "requirement": "decision",
    "concern": "risk",
    "issue": "risk",
    "conversation": "dialogue",
    "chat": "dialogue",
    "text": "transcript",
    "open": "active",
    "in_progress": "running",
    "done": "completed",
    "finished": "completed",
    "complete": "completed",
    "error": "failed",
    "canceled": "cancelled",
    "urgent": "9",
    "critical": "9",
    "highest": "9",
    "high": "7",
    "medium": "5",
    "normal": "5",
    "low": "2",
    "lowest": "0",
}
"""What a word most probably stands for: suggested, not taken."""
