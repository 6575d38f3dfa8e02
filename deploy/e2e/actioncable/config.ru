# frozen_string_literal: true

# A bot on Rails' Action Cable, without the rest of Rails.
require 'action_cable'
require 'logger'

ActionCable.server.config.logger = Logger.new(IO::NULL)
ActionCable.server.config.cable = { 'adapter' => 'async' }
ActionCable.server.config.disable_request_forgery_protection = true
ActionCable.server.config.connection_class = -> { ActionCable::Connection::Base }

class ChatChannel < ActionCable::Channel::Base
  def subscribed
    stream_from "chat_#{params[:pubsub_token]}"
  end

  def speak(data)
    say('customer', data['message'])
    say('bot', answer(data['message']))
  end

  private

  def say(sender, body)
    ActionCable.server.broadcast("chat_#{params[:pubsub_token]}", { sender: sender, body: body })
  end

  def answer(text)
    case text
    when /parcel/i then 'Order 1182 was sent on 3 May.'
    when /fee/i then "I can't help with that fee of 12.50."
    else 'Sorry, I did not get that.'
    end
  end
end

run ActionCable.server
