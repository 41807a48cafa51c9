"""Signpost's actions, for Rasa. They run in process (`bot.engine.in_process_actions`) and as any `rasa_sdk` action would.

An action sees names only: the route, the slots, and the facts of the turn in the message's metadata. It answers with a plan,
which is ids of phrases, pointers and choices; `bot.answers.reply` puts it into words.
"""
