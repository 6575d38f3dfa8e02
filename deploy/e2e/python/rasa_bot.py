"""A bot on python-socketio, the library Rasa uses, with the events of Rasa's channel. PORT says where it listens."""

import os

import socketio
from aiohttp import web

sio = socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins="*")
app = web.Application()
sio.attach(app, socketio_path="socket.io")


def answer(text):
    if "parcel" in text:
        return "Order 1182 was sent on 3 May."
    if "fee" in text:
        return "I can\u2019t help with that fee of 12.50."
    return "Sorry, I did not get that."


@sio.on("session_request")
async def session_request(sid, data):
    await sio.emit("session_confirm", data["session_id"], room=sid)


@sio.on("user_uttered")
async def user_uttered(sid, data):
    await sio.emit("bot_uttered", {"text": answer(data["message"])}, room=sid)


async def ready(_):
    print("ready", flush=True)


app.on_startup.append(ready)
web.run_app(app, host="127.0.0.1", port=int(os.environ["PORT"]), print=None)
